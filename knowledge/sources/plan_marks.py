"""Reads who signed a plan, what it rests on and which documents it replaces, each as printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from knowledge.model import LegalBasis
from knowledge.sources.plan_lines import KIND_LINE, MARKER, Paragraph, is_all_caps

_NUMBER = re.compile(r"(?<![\w/.])\d{1,5}(?:\.\d{1,2})?[a-z]?(?:/\d{4})?[/-] ?[A-ZĐ][\wĐđ]*(?: ?[-/] ?[A-ZĐ][\wĐđ]*)*")
_GROUND = re.compile(r"[-–* ]*(?:Căn cứ|Thực hiện|Thi hành|Triển khai|Theo đề nghị|Xét đề nghị)\b")
_DUTY = re.compile(r"Căn cứ (?:vào |theo )?(?:chức năng|nhiệm vụ|tình hình|nội dung|điều kiện|Kế hoạch này)", re.IGNORECASE)
_RESULT = re.compile(r"[,;.] (?:nhằm |để )?(?:UBND|HĐND|Ủy ban nhân dân|Uỷ ban nhân dân|Chủ tịch|Sở|Ban)\b[^;]{0,120}?(?:ban hành|xây dựng|triển khai|đề nghị|yêu cầu|phát động)\b.*", re.DOTALL)
_REPLACES = re.compile(
    r"(?:Kế hoạch|Quyết định|Hướng dẫn|Văn bản|Chỉ thị|Chương trình|Đề án) này (?:sẽ )?(?:thay thế|bãi bỏ|hủy bỏ)(?: cho)? (?P<what>[^.;()]{5,300})"
    r"|(?:Bãi bỏ|Thay thế) (?P<else>(?:các )?(?:Kế hoạch|Quyết định|Hướng dẫn|Chỉ thị) số[^.;()]{5,300})"
)
_ROLE = re.compile(r"(?:PHÓ )?(?:CHỦ TỊCH|GIÁM ĐỐC|THỦ TƯỚNG|BỘ TRƯỞNG|TRƯỞNG BAN|CHÁNH VĂN PHÒNG|TỔNG CỤC TRƯỞNG|CỤC TRƯỞNG|BÍ THƯ|THỨ TRƯỞNG)")
_BEFORE_RECEIVERS = re.compile(r"N[ơo]i nhận ?:")


def read_signer(paragraphs: Sequence[Paragraph]) -> tuple[str, str]:
    """(name, office) under the text, ("", "") where they do not stand there plainly."""
    for n, paragraph in enumerate(paragraphs):
        if not _is_signature(paragraph):
            continue
        following = [p.text for p in paragraphs[n + 1 : n + 3] if not p.cells]
        parts = [paragraph.cells[-1] if paragraph.cells else paragraph.text, *following]
        for n_parts in range(1, len(parts) + 1):  # no more than the name needs: below it another text may begin
            name, role = _signed(" ".join(parts[:n_parts]))
            if name:
                return name, role
    return "", ""


def read_legal_grounds(body: Sequence[Paragraph]) -> tuple[LegalBasis, ...]:
    """What stands in the preamble as the ground of the plan, before its first number or a second kind line."""
    return tuple(dict.fromkeys(_basis(p.text) for p in _preamble(body) if _is_ground(p.text)))


def read_replaced(paragraphs: Sequence[Paragraph]) -> tuple[LegalBasis, ...]:
    """Documents that the text itself says it replaces or repeals; one is named with its number or not at all."""
    found = []
    for paragraph in paragraphs:
        for match in _REPLACES.finditer(paragraph.text):
            words = (match["what"] or match["else"]).strip(" ,")
            found += [LegalBasis(words, _tight(number)) for number in _NUMBER.findall(words)[:5]]
    return tuple(dict.fromkeys(found))


def _is_signature(paragraph: Paragraph) -> bool:
    text = paragraph.cells[-1] if paragraph.cells else paragraph.text
    head = text[:60]
    is_cell = bool(paragraph.cells) and len(paragraph.cells) <= 3 and bool(_BEFORE_RECEIVERS.match(paragraph.cells[0]))
    is_line = not paragraph.cells and len(text) < 120 and is_all_caps(head)
    return (is_cell or is_line or (bool(paragraph.cells) and len(paragraph.cells) == 1)) and bool(_ROLE.search(text))


def _signed(text: str) -> tuple[str, str]:
    """The name after the last office, if it is one: two to five words, each with a capital, not all of them capitals."""
    roles = list(_ROLE.finditer(text))
    if not roles:
        return "", ""
    words = []
    for word in text[roles[-1].end() :].split():
        if not (word.isalpha() and word[0].isupper() and word[1:].islower()):
            break
        words.append(word)
    if not 2 <= len(words) <= 5:
        return "", ""
    return " ".join(words), roles[-1].group(0).capitalize().replace("chủ tịch", "Chủ tịch").replace("giám đốc", "Giám đốc")


def _preamble(body: Sequence[Paragraph]) -> Iterator[Paragraph]:
    for paragraph in body:
        if MARKER.match(paragraph.text) or KIND_LINE.fullmatch(paragraph.text):
            return
        if not paragraph.cells:
            yield paragraph


def _is_ground(text: str) -> bool:
    return bool(_GROUND.match(text)) and not _DUTY.match(text) and (text.startswith("Căn cứ") or bool(_NUMBER.search(text)))


def _basis(text: str) -> LegalBasis:
    title = _RESULT.sub("", text).strip(" -–*;,.:")
    number = _NUMBER.search(title)
    return LegalBasis(title, _tight(number.group(0)) if number else "")


def _tight(number: str) -> str:
    return re.sub(r"\s+", "", number)
