"""Writes a fine-tuned model as the product ships encoders: cut vocabulary, int8 ONNX, manifest. Training environment.

    python scripts/encoder/finetune_export.py --float-folder var/finetune/run/st --output var/finetune/e5-small-vi-en-ft

Word vectors come from the source's 4-bit blocks, as in build.py: fine-tuning must have left them alone, and this
is checked.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
from build import SHIPPED
from e5_export import write_onnx
from e5_source import SourceError, open_source
from e5_vocabulary import pieces_of
from safetensors.numpy import load_file

_NAME = "multilingual-e5-small-vi-en-ft-int8"
_WORDS = "embeddings.word_embeddings.weight"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--float-folder", type=Path, required=True, help="fine-tuned model, sentence-transformers")
    parser.add_argument("--pieces-from", type=Path, default=SHIPPED, help="folder whose vocabulary was kept")
    parser.add_argument("--output", type=Path, required=True)
    wanted = parser.parse_args()
    try:
        source = open_source()
        rows = pieces_of(wanted.pieces_from / "tokenizer.json", source)
        weights = wanted.float_folder / "model.safetensors"
        kept = source.matrix("emb.word", source.header.vocabulary, source.header.hidden)[rows]
        if not np.allclose(load_file(str(weights))[_WORDS], kept, atol=1e-6):
            raise SourceError(f"{weights}: expected the source's word vectors, found others; freeze them in training")
        write_onnx(source, rows, wanted.float_folder, wanted.output)
        _name_it(wanted.output / "manifest.json", weights)
    except (SourceError, OSError, KeyError) as exc:
        print(f"cannot export {wanted.float_folder}: {exc}", file=sys.stderr)
        return 1
    size = sum(file.stat().st_size for file in wanted.output.iterdir())
    print(f"{wanted.output}: {size / 1e6:.1f} MB")
    return 0


def _name_it(path: Path, weights: Path) -> None:
    """The manifest says that this is not the plain model, and which weights it was made from."""
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["name"] = _NAME
    manifest["fine_tuned"] = {"weights_sha256": hashlib.sha256(weights.read_bytes()).hexdigest(), "recipe": "docs/decisions/0007-fine-tuning.md"}
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
