"""Which part of a message asks: "Tôi 65 tuổi. Mẹ tôi mới mất hôm qua. Giờ khai tử cần giấy gì?" asks with its last
sentence, and the others are a story."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from nlu.aspects import aspects_asked
from nlu.courtesies import without_courtesies
from nlu.diacritics import bare
from nlu.frames import content_words

_STOP = re.compile(r"\.+|[?!…;]+|\n+")
_SHORT = frozenset({"tp", "p", "q", "h", "x", "tx", "tt", "ts", "ths", "bs", "st", "vd", "đc"})  # "TP. Hồ Chí Minh" goes on
_COMMA = re.compile(r",(?!\d)")
_LEAST = 2  # syllables of a part; a shorter one belongs to its neighbour
_ASKS = re.compile(
    r"(?<!\w)(gì|nào|đâu|sao|mấy|bao nhiêu|bao lâu|bao giờ|nhiêu|thế nào|răng|mô|chi|j|ntn|bn)(?!\w)"
    r"|(?<!\w)(không|ko|k|hông|hok|chưa|chăng|hay sao)[\s?!.]*$|\?\s*$"
)
_ASKS_BARE = re.compile(r"(?<!\w)(gi|nao|o dau|lam sao|bao nhieu|bao lau|bao gio|the nao|may ngay|ntn|bn|j)(?!\w)|(?<!\w)(khong|ko|k|hong|hok|chua)[\s?!.]*$|\?\s*$")
# How many, told and not asked: "mấy năm rồi", "thuê mấy chục năm", "mấy đứa rủ nhau".
_SOME = re.compile(
    r"(?<!\w)mấy (chục|trăm|ngàn|nghìn)(?!\w)|(?<!\w)mấy (chục |trăm )?\w+ (rồi|nay|trước|qua|liền)(?!\w)"
    r"|^\W*mấy (hộ|đứa|anh|chị|em|ông|bà|bác|cô|chú|bạn|nhà|cụ|cháu|người|tụi|thằng|vợ chồng|mẹ con|cha con)(?= \w)"
)
_FORGOTTEN = re.compile(r"\b(quen|(khong|hong|ko|k|chang) (con )?nho)\b")
_VALUE = re.compile(r"\d|:|=|\bla\b")
_PAST = re.compile(
    r"(?<!\w)(hom (qua|kia|truoc|bua)|bua (hom|truoc)|(tuan|thang|nam|dot|lan|hoi|luc|ngay) (truoc|roi|ngoai|vua roi|vua qua)|truoc day|hoi (nam|thang)|nam (\d{4}|ngoai|kia)|may (nam|thang) (nay|truoc)|dot .{1,12} (vua roi|roi|truoc))(?!\w)"
)
# Whom or when a story tells of. Without diacritics some are other words as well ("có", "bán"), so a list typed that way
# may be taken for a story.
_PEOPLE = frozenset({
    "tôi", "tui", "mình", "em", "anh", "chị", "cô", "chú", "bác", "cậu", "mợ", "dì", "dượng", "thím", "ông", "bà", "cụ", "bố", "cha",
    "ba", "tía", "mẹ", "má", "vợ", "chồng", "con", "cháu", "bé", "nó", "nhà", "bạn", "người",
    "năm", "tháng", "tuần", "hồi", "lúc", "khi", "lần",
})  # fmt: skip
_PEOPLE_BARE = frozenset(map(bare, _PEOPLE))
_LONGEST_ITEM = 4  # syllables of what may be one of several matters
_MAX_READINGS = 6  # each is searched for


def sentences(message: str) -> list[str]:
    """The sentences of a message, as typed and in order, each with its closing mark; one where nothing parts them."""
    found, start = [], 0
    for stop in _STOP.finditer(message):
        words, after = message[start : stop.start()].split(), message[stop.end() : stop.end() + 1]
        is_within = stop.group().startswith(".") and (after.isdigit() or after.islower() or (words and words[-1].lower() in _SHORT))
        if is_within or len(words) < _LEAST:
            continue
        found.append(message[start : stop.end()].strip())
        start = stop.end()
    rest = message[start:].strip()
    if found and len(rest.split()) < _LEAST:
        found[-1] = f"{found[-1]} {rest}".strip()
    elif rest:
        found.append(rest)
    return found or [message]


def clauses(sentence: str) -> list[str]:
    """The parts of a sentence between commas; a part of one syllable stays with the one before."""
    parts: list[str] = []
    for piece in (p.strip() for p in _COMMA.split(sentence)):
        if parts and len(piece.split()) < _LEAST:
            parts[-1] = f"{parts[-1]}, {piece}"
        elif piece:
            parts.append(piece)
    return parts


def asks(part: str) -> bool:
    """Whether a part has words or a mark of asking."""
    text = _SOME.sub(" ", part.lower())
    mask = bare(text)
    return bool((_ASKS_BARE if mask == text else _ASKS).search(text) or aspects_asked(text))


def tells_of_the_past(part: str) -> bool:
    """Whether a part says itself that what it tells is over ("tuần trước xe tôi bị tông")."""
    return bool(_PAST.search(bare(part.lower())))


def tells_of_forgetting(message: str) -> bool:
    """Whether a message says that something is forgotten and holds nothing that could be it ("mẹ tôi quên mất mật khẩu rồi")."""
    text = bare(message.lower())
    return bool(_FORGOTTEN.search(text)) and not _VALUE.search(text)


def asking_part(parts: Sequence[str]) -> tuple[int, ...]:
    """Positions of the parts that ask; of the last one where none does."""
    return tuple(i for i, part in enumerate(parts) if asks(part)) or (len(parts) - 1,)


def asking_sentence(message: str) -> str:
    """What asks in a message of several sentences, and names a matter; "" where there is one sentence or no such part."""
    return _asking_of(sentences(without_courtesies(message)))


def asking_clause(message: str) -> str:
    """The same between commas, of a message of one sentence."""
    parts = sentences(without_courtesies(message))
    return _asking_of(clauses(parts[0])) if len(parts) == 1 else ""


def _asking_of(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return ""
    asking = _join(parts, asking_part(parts))
    return asking if content_words(asking) else ""


def narrower_readings(message: str) -> list[str]:
    """What a message may ask with its story left away, nearest to the bare question first: the sentences that ask, those
    with one of the others, the clauses of the asking sentence.

    Returns:
        At most six texts, none of them the message; [] where nothing parts it.
    """
    parts = sentences(without_courtesies(message))
    asking = asking_part(parts)
    texts: list[str] = []
    if len(parts) > 1:
        texts.append(_join(parts, asking))
        others = sorted((i for i in range(len(parts)) if i not in asking), key=lambda i: min(abs(i - a) for a in asking))
        texts += [_join(parts, (*asking, i)) for i in others[:2]]
    within = clauses(_join(parts, asking))
    if len(within) > 1:
        first, last = min(asking_part(within)), max(asking_part(within))
        # Only a story is left away: "bảo hiểm xã hội, bảo hiểm y tế, bảo hiểm thất nghiệp" is one list.
        is_told = [_tells(part, within[first]) for part in within]
        begins = [i for i in range(first, -1, -1) if not i or any(is_told[:i])]
        ends = [i for i in range(last + 2, len(within) + 1) if i == len(within) or any(is_told[i:])]
        texts += [", ".join(within[i : last + 1]) for i in begins]
        texts += [", ".join(within[first:i]) for i in ends]
    unlike = dict.fromkeys(t for t in texts if t != message and content_words(t))
    return list(unlike)[:_MAX_READINGS]


def _tells(part: str, asking: str) -> bool:
    """Whether a part is told beside the one that asks: of somebody or of a time, or a whole clause of other words. What
    is short, or has a word of two syllables in common with what asks, may be an item of one list with it."""
    typed, syllables = part.lower().split(), bare(part.lower()).split()
    if not (_PEOPLE_BARE if typed == syllables else _PEOPLE).isdisjoint(typed):
        return True
    asked = bare(asking.lower())
    return len(syllables) > _LONGEST_ITEM and not any(f"{a} {b}" in asked for a, b in pairwise(syllables))


def _join(parts: Sequence[str], chosen: Sequence[int]) -> str:
    return " ".join(parts[i] for i in sorted(set(chosen)))
