"""Questions of law, which no record of a procedure answers: what a term means, how two things differ, who bears which duty,
how a breach is fined. The assistant says so and names the nearest procedures instead of answering one of them."""

from __future__ import annotations

import re

from actions.quotes import asks_penalty
from nlu.aspects import aspects_asked
from nlu.diacritics import bare

_LAW = re.compile(
    # what a term means
    r"\b(?:(?:duoc )?hieu (?:the nao|nhu the nao|la gi|ra sao)|khai niem|dinh nghia|(?:the nao|nhu the nao) (?:la|duoc coi la|duoc xem la|goi la)\b"
    r"|nghia la gi|la gi\W*$"
    # how two things differ
    r"|khac (?:nhau )?(?:the nao|nhu the nao|gi nhau|ra sao|o (?:cho|diem) nao)|phan biet\b.{0,60}\b(?:va|voi)"
    # rights, duties, what is forbidden or valid
    r"|quyen(?: han)?(?: va|,) (?:nghia vu|trach nhiem)|nghia vu va quyen|(?:co )?trach nhiem (?:gi|the nao|nhu the nao|ra sao|cua)|chiu trach nhiem"
    r"|co (?:nhung |cac )?(?:quyen|nghia vu) (?:gi|nao)|nghiem cam|(?:hanh vi|viec) (?:nao )?bi cam"
    r"|co gia tri phap ly|co hop phap|co (?:vi pham|trai luat|pham luat|pham toi)|co (?:duoc|bi) (?:coi|xem) la|bi xu ly (?:the nao|nhu the nao|ra sao))"
)
_OF_A_RECORD = re.compile(r"\b(?:thanh phan|ho so|giay to|dieu kien|le phi|trinh tu|thoi han|mau don|to khai)\b.*\bla gi\W*$")
_FINE = re.compile(r"\b(?:bi |xu |muc |tien |nop |dong )*phat(?: tien)?(?: (?:bao nhieu|nhieu)(?: tien)?| may(?: tram| trieu| tien)?| the nao| ra sao)?")
_MORE = 40  # words: a long letter tells a case, and asks for what is to be done


def asks_law(question: str) -> bool:
    """Whether a question asks what the law says and for no aspect of a procedure.

    Args:
        question: as typed, with or without diacritics.
    """
    text = bare(question)
    is_about_law = bool(_LAW.search(text)) and not _OF_A_RECORD.search(text) and len(text.split()) <= _MORE
    return is_about_law and not aspects_asked(question) or asks_fine_alone(question)


def asks_fine_alone(question: str) -> bool:
    """Whether only a fine is asked about: "bị phạt bao nhiêu tiền" asks for no fee."""
    return asks_penalty(question) and not aspects_asked(_FINE.sub(" ", bare(question)))
