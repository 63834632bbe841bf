"""The shape of a Vietnamese syllable, and the two ways of typing one: Telex and VNI.

A syllable is an optional onset, a rime and a tone; a rime that ends in a stop (c, ch, p, t) takes only the
tones sắc and nặng. That rule tells "can cuoc" typed without marks from words, and "gia61y" from a code.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

_TONES = {"\u0301": "sắc", "\u0300": "huyền", "\u0309": "hỏi", "\u0303": "ngã", "\u0323": "nặng"}
_TELEX_TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_VNI_TONES = {"1": "\u0301", "2": "\u0300", "3": "\u0309", "4": "\u0303", "5": "\u0323"}

_ONSETS = re.findall(r"\w+", "ngh ng nh gh gi ch kh ph qu th tr b c d đ g h k l m n p r s t v x")
_RIMES = frozenset(
    re.findall(
        r"\w+",
        """a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
    i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong oong op ot
    ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt uơ up ut uy uya uych uyên uyêt uynh
    uyt uyu ư ưa ưc ưi ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y yêm yên yêng yêt yêu ynh ych yt""",
    )
)
_AFTER_QU = frozenset(
    re.findall(
        r"\w+",
        """a ac ach ai an ang anh ao at au ay ăc ăm ăn ăng ăp ăt ân âng ât ây e en eo et ê ên êch êt ênh ơ y yên yêt ynh
    yt ych ôc i it in inh""",
    )
)
_STOPS = ("c", "ch", "p", "t")
_VOWELS = frozenset("aăâeêioôơuưy")
_VOWEL_WITH_HOOK = re.compile(r"o[67][1-5]")  # o73 is ở; nothing else that short is typed so
_SHAPE = re.compile(r"[a-zăâđêôơư]+")


@lru_cache(maxsize=50_000)
def is_syllable(text: str) -> bool:
    """Whether a lower-case NFC text is one well-formed Vietnamese syllable ("thuc" is none, "thức" is)."""
    letters, tone = split_tone(text)
    return any(_fits(rime, tone, after_qu) for rime, after_qu in _rimes_of(letters))


def split_tone(text: str) -> tuple[str, str]:
    """Part a lower-case syllable into its letters (NFC, tone taken off) and its tone mark ("" for none)."""
    decomposed = unicodedata.normalize("NFD", text)
    tones = [char for char in decomposed if char in _TONES]
    if len(tones) > 1:
        return text, ""
    letters = "".join(char for char in decomposed if char not in _TONES)
    return unicodedata.normalize("NFC", letters), tones[0] if tones else ""


def put_tone(letters: str, tone: str) -> str:
    """Set a tone mark on a toneless syllable, on the vowel where the traditional spelling has it (hòa, thúy)."""
    if not tone:
        return letters
    spot = _tone_spot(letters)
    if spot is None:
        return letters
    return unicodedata.normalize("NFC", letters[: spot + 1] + tone + letters[spot + 1 :])


@lru_cache(maxsize=20_000)
def decode_keys(word: str) -> str | None:
    """What was meant by a word whose Telex or VNI keys were taken literally ("giaays", "gia61y", "dduwowcj").

    Args:
        word: lower case, NFC; may hold marks already ("đăngs").

    Returns:
        A well-formed syllable other than ``word``; None where the keys make none.
    """
    if not 2 <= len(word) <= 10:
        return None
    digits = any(char.isdigit() for char in word)
    if digits and sum(not char.isdigit() for char in word) < 2 and not _VOWEL_WITH_HOOK.fullmatch(word):
        return None  # A1, B2: classes of licences
    decoded = _decode(word, _VNI_TONES, _vni_marks) if digits else _decode(word, _TELEX_TONES, _telex_marks)
    return decoded if decoded is not None and decoded != word and is_syllable(decoded) else None


def _rimes_of(letters: str) -> list[tuple[str, bool]]:
    if not _SHAPE.fullmatch(letters):
        return []
    parts = [(letters, False)] if letters[0] in _VOWELS else []
    for onset in _ONSETS:
        if letters.startswith(onset):
            parts.append((letters[len(onset) :], onset == "qu"))
    if letters.startswith("gi"):
        parts.append((letters[1:], False))
    return parts


def _fits(rime: str, tone: str, after_qu: bool) -> bool:
    if rime not in (_AFTER_QU if after_qu else _RIMES):
        return False
    return not rime.endswith(_STOPS) or _TONES.get(tone) in ("sắc", "nặng")


def _tone_spot(letters: str) -> int | None:
    start = 2 if letters.startswith("qu") or (letters.startswith("gi") and len(letters) > 2 and letters[2] in _VOWELS) else 0
    spots = [index for index in range(start, len(letters)) if letters[index] in _VOWELS]
    if not spots:
        return None
    marked = [index for index in spots if letters[index] in "ăâêôơư"]
    if marked:
        return marked[-1]
    if len(spots) == 1:
        return spots[0]
    if len(spots) == 2 and spots[-1] == len(letters) - 1:
        return spots[0]
    return spots[1]


def _decode(word: str, tone_keys: dict[str, str], marks: Callable[[str], str]) -> str | None:
    letters, tone = split_tone(word)
    first = next((index for index, char in enumerate(letters) if char in _VOWELS or char == "w"), None)
    if first is None:
        return None
    keys = [char for char in letters[first + 1 :] if char in tone_keys]
    if len(set(keys)) > 1 or (keys and tone and tone != tone_keys[keys[0]]):
        return None
    tail = "".join(char for char in letters[first + 1 :] if char not in tone_keys)
    marked = marks(letters[: first + 1] + tail)
    return put_tone(marked, tone_keys[keys[0]] if keys else tone)


def _telex_marks(letters: str) -> str:
    letters = letters.replace("dd", "đ").replace("đd", "đ").replace("dđ", "đ")
    if letters.endswith("d") and letters.startswith("d") and len(letters) > 2:
        letters = "đ" + letters[1:-1]
    for pair, marked in (("aa", "â"), ("ee", "ê"), ("oo", "ô"), ("âa", "â"), ("êe", "ê"), ("ôo", "ô")):
        letters = letters.replace(pair, marked)
    if "w" in letters:
        letters = _hook_by_w(letters)
    return letters


def _hook_by_w(letters: str) -> str:
    """``w`` hooks a vowel before it; with no vowel before it, it stands for ư itself ("nhwng")."""
    before = letters[: letters.index("w")]
    if not _VOWELS.intersection(before):
        return letters.replace("w", "ư", 1).replace("w", "")
    return _hooked(letters.replace("w", ""), takes_breve=True)


def _hooked(letters: str, takes_breve: bool) -> str:
    """Hook uo to ươ, ua to ưa (but qua to quă), else the first vowel that can take a hook or a breve."""
    start = 2 if letters.startswith("qu") else 0
    head, tail = letters[:start], letters[start:]
    for pair, hooked in (("uo", "ươ"), ("ươ", "ươ"), ("ưo", "ươ"), ("uơ", "ươ"), ("ua", "ưa"), ("uu", "ưu"), ("ui", "ưi")):
        if pair in tail:
            return head + tail.replace(pair, hooked, 1)
    for plain, hooked in (("a", "ă"), ("o", "ơ"), ("u", "ư")):
        if plain in tail and (plain != "a" or takes_breve):
            return head + tail.replace(plain, hooked, 1)
    return letters


def _vni_marks(letters: str) -> str:
    if "9" in letters[1:]:
        letters = letters.replace("d", "đ", 1).replace("9", "") if "d" in letters else letters
    if "6" in letters:
        letters = letters.replace("6", "", 1)
        spot = next((index for index in range(len(letters) - 1, -1, -1) if letters[index] in "aeo"), None)
        if spot is not None:
            letters = letters[:spot] + {"a": "â", "e": "ê", "o": "ô"}[letters[spot]] + letters[spot + 1 :]
    if "7" in letters:
        letters = _hooked(letters.replace("7", ""), takes_breve=False)
    if "8" in letters:
        letters = letters.replace("8", "", 1).replace("a", "ă", 1)
    return letters
