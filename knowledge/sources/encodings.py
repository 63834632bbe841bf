"""Makes Unicode of bytes and of text in the Vietnamese encodings of before 2001: TCVN3 (ABC, fonts ".VnTime") and VNI
(fonts "VNI-Times"), and of UTF-8 that was read as Windows-1252.

Which one it is, is decided by how many words with marks become Vietnamese syllables. The tables are those of the
national standard TCVN 5712:1993 (VN3) and of the VNI fonts for Windows; both give one byte the place of a Latin letter.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from charset_normalizer import from_bytes

_TCVN3 = {
    "à": 0xB5, "ả": 0xB6, "ã": 0xB7, "á": 0xB8, "ạ": 0xB9, "ă": 0xA8, "ằ": 0xBB, "ẳ": 0xBC, "ẵ": 0xBD, "ắ": 0xBE,
    "ặ": 0xC6, "â": 0xA9, "ầ": 0xC7, "ẩ": 0xC8, "ẫ": 0xC9, "ấ": 0xCA, "ậ": 0xCB, "đ": 0xAE, "è": 0xCC, "ẻ": 0xCE,
    "ẽ": 0xCF, "é": 0xD0, "ẹ": 0xD1, "ê": 0xAA, "ề": 0xD2, "ể": 0xD3, "ễ": 0xD4, "ế": 0xD5, "ệ": 0xD6, "ì": 0xD7,
    "ỉ": 0xD8, "ĩ": 0xDC, "í": 0xDD, "ị": 0xDE, "ò": 0xDF, "ỏ": 0xE1, "õ": 0xE2, "ó": 0xE3, "ọ": 0xE4, "ô": 0xAB,
    "ồ": 0xE5, "ổ": 0xE6, "ỗ": 0xE7, "ố": 0xE8, "ộ": 0xE9, "ơ": 0xAC, "ờ": 0xEA, "ở": 0xEB, "ỡ": 0xEC, "ớ": 0xED,
    "ợ": 0xEE, "ù": 0xEF, "ủ": 0xF1, "ũ": 0xF2, "ú": 0xF3, "ụ": 0xF4, "ư": 0xAD, "ừ": 0xF5, "ử": 0xF6, "ữ": 0xF7,
    "ứ": 0xF8, "ự": 0xF9, "ỳ": 0xFA, "ỷ": 0xFB, "ỹ": 0xFC, "ý": 0xFD, "ỵ": 0xFE, "Ă": 0xA1, "Â": 0xA2, "Ê": 0xA3,
    "Ô": 0xA4, "Ơ": 0xA5, "Ư": 0xA6, "Đ": 0xA7,
}  # fmt: skip
_FROM_TCVN3 = {code: char for char, code in _TCVN3.items()}

_VNI_TONES = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}  # behind any vowel
_VNI_MARKS = {  # behind a, e, o: a circumflex or breve with its tone
    "a": {"â": "â", "á": "ấ", "à": "ầ", "å": "ẩ", "ã": "ẫ", "ä": "ậ", "ê": "ă", "é": "ắ", "è": "ằ", "ú": "ẳ", "ü": "ẵ", "ë": "ặ"},
    "e": {"â": "ê", "á": "ế", "à": "ề", "å": "ể", "ã": "ễ", "ä": "ệ"},
    "o": {"â": "ô", "á": "ố", "à": "ồ", "å": "ổ", "ã": "ỗ", "ä": "ộ"},
}  # fmt: skip
_VNI_ALONE = {"ñ": "đ", "ô": "ơ", "ö": "ư", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}  # í and ì stand for themselves

_ONSET = r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?"
_VOWEL = "aăâeêioôơuưy"
_NUCLEUS = (
    r"(?:i[eê]u|y[eê]u|u[oô]i|ươ[iu]|oai|oay|oeo|uây|uya|uyu|uy[eê]|i[eê]|y[eê]|u[oô]|ươ|oa|oă|oe|oo|uâ|uê|uơ|uy|ua|ưa|ia"
    r"|ai|ay|ao|au|âu|ây|eo|êu|iu|oi|ôi|ơi|ui|ưi|ưu|[aăâeêioôơuưy])"
)
_SYLLABLE = re.compile(rf"{_ONSET}{_NUCLEUS}(?:ch|nh|ng|[cmnpt])?")
_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
_WORD = re.compile(r"[^\W\d_]+(?:[^\W\d_]|[\u0080-\u00ff])*|[\u0080-\u00ff]+\w*")
_MIN_SHARE = 0.75  # of words with marks that must be syllables; clean Unicode text reaches .97 and more
_MIN_GAIN = 0.3  # by which a conversion must be better than the text as it is
_MIN_WORDS = 3
_SAMPLE = 20_000
_BAD = "\ufffd"
_MAX_BAD_SHARE = 0.01


@dataclass(frozen=True)
class Decoded:
    """Text as NFC, the encoding it was in, whether that is sure (declared by a mark, or valid UTF-8), and how many
    places hold bytes that are no letters (printed as U+FFFD)."""

    text: str
    encoding: str
    is_certain: bool
    n_bad: int = 0


def decode(data: bytes) -> Decoded | None:
    """Text of bytes in any encoding that Vietnamese offices used; None when none of them gives Vietnamese or ASCII."""
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return _unless_legacy(_strict(data, name)) or (_damaged_unicode(data[len(mark) :]) if name == "utf-8-sig" else None)
    unicode_ = _strict(data, "utf-8")
    if unicode_ and "\x00" not in unicode_.text[:_SAMPLE]:
        return _unless_legacy(unicode_)
    if data[:200].count(0) > len(data[:200]) / 4:
        return _strict(data, "utf-16-le" if data[1:2] == b"\x00" else "utf-16-be")
    return _damaged_unicode(data) or _best_legacy(data)


def _unless_legacy(decoded: Decoded | None) -> Decoded | None:
    """Text of an old font that a program saved as Unicode (typed in .VnTime, exported by Excel) is converted too."""
    encoding, mend = mend_legacy(decoded.text) if decoded else ("", _nfc)
    return Decoded(mend(decoded.text), encoding, False) if decoded and encoding else decoded


def mend_legacy(text: str) -> tuple[str, Callable[[str], str]]:
    """(name of the old encoding that the text is in, function that makes it Unicode); "" where it is Unicode already.

    For text that a program took for Latin-1 or Windows-1252: old fonts in a docx or PDF, a page saved wrongly.
    """
    sample = text[:_SAMPLE]
    plain = syllable_share(sample)
    best, name = max((syllable_share(mend(sample)), name) for name, mend in _MENDERS.items())
    if best >= _MIN_SHARE and best >= plain + _MIN_GAIN and _n_marked(sample) >= _MIN_WORDS:
        return name, _MENDERS[name]
    return "", _nfc


def from_tcvn3(text: str) -> str:
    """TCVN3 held as Latin-1 letters made Unicode; capitals with tones have fonts of their own (names ending in "H")."""
    return _nfc(text.translate(_FROM_TCVN3))


def from_vni(text: str) -> str:
    """VNI held as Windows-1252 letters made Unicode."""
    out: list[str] = []
    for char in text:
        low = char.lower()
        base = out[-1] if out else ""
        marks = _VNI_MARKS.get(base.lower(), {})
        if low in marks:
            out[-1] = _as_case(marks[low], base)
        elif low in _VNI_TONES and base and unicodedata.normalize("NFD", base)[0].lower() in "aeiouy":
            out[-1] = _nfc(base + _VNI_TONES[low])
        elif low in _VNI_ALONE:
            out.append(_as_case(_VNI_ALONE[low], char))
        else:
            out.append(char)
    return _nfc("".join(out))


def syllable_share(text: str) -> float:
    """Share of the words with letters beyond ASCII that are Vietnamese syllables; 0 when there are none."""
    marked = _marked(text)
    return sum(map(_is_syllable, marked)) / len(marked) if marked else 0.0


def _marked(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if not word.isascii()]


def _n_marked(text: str) -> int:
    return len(_marked(text))


def _is_syllable(word: str) -> bool:
    """A syllable by its letters, with one tone at most, written small, capital or with a capital first."""
    if not (word.islower() or word.isupper() or word[1:].islower()):
        return False
    letters = unicodedata.normalize("NFD", word.lower())
    tones = sum(char in _TONES for char in letters)
    plain = unicodedata.normalize("NFC", "".join(char for char in letters if char not in _TONES))
    return tones <= 1 and _SYLLABLE.fullmatch(plain) is not None


def _damaged_unicode(data: bytes) -> Decoded | None:
    """UTF-8 with a few broken bytes, as a cut or badly copied file has them."""
    text = data.decode("utf-8", errors="replace")
    n_bad = text.count(_BAD)
    if n_bad > max(1, len(text) * _MAX_BAD_SHARE) or syllable_share(text[:_SAMPLE]) < _MIN_SHARE:
        return None
    return Decoded(_nfc(text), "UTF-8", False, n_bad)


def _best_legacy(data: bytes) -> Decoded | None:
    latin = data.decode("cp1252", errors="ignore") if _fits(data, "cp1252") else data.decode("latin-1")
    candidates = [("TCVN3", from_tcvn3(data.decode("latin-1"))), ("VNI", from_vni(latin))]
    if _fits(data, "cp1258"):
        candidates.append(("Windows-1258", _nfc(data.decode("cp1258"))))
    share, name, text = max((syllable_share(text[:_SAMPLE]), name, text) for name, text in candidates)
    if share >= _MIN_SHARE:
        return Decoded(text, name, False)
    best = from_bytes(data[:200_000]).best()
    if best is None:
        return None
    text = data.decode(best.encoding, errors="replace")
    return Decoded(_nfc(text), best.encoding, False) if syllable_share(text[:_SAMPLE]) >= _MIN_SHARE else None


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _strict(data: bytes, encoding: str) -> Decoded | None:
    try:
        return Decoded(_nfc(data.decode(encoding).lstrip("\ufeff")), encoding.removesuffix("-sig").upper(), True)
    except UnicodeDecodeError:
        return None


def _from_double(text: str) -> str:
    """UTF-8 that was read as Windows-1252 and saved again ("Thá»§ tá»¥c"); the text itself where it is not."""
    try:
        return _nfc("".join(map(_as_1252, text)).encode("latin-1").decode("utf-8"))
    except UnicodeError:
        return text


def _as_1252(char: str) -> str:
    try:
        return char.encode("cp1252").decode("latin-1")
    except UnicodeEncodeError:
        return char  # the five bytes Windows-1252 leaves free come through as they are


def _as_case(char: str, like: str) -> str:
    return char.upper() if like.isupper() else char


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


_MENDERS: dict[str, Callable[[str], str]] = {
    "TCVN3": from_tcvn3,
    "VNI": from_vni,
    "UTF-8/Windows-1252": _from_double,
}
LEGACY = (*_MENDERS, "Windows-1258")  # encodings that are recognised with confidence
