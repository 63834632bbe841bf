"""Reads what a plan says about itself: kind, number, title, authority, place, date, period."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from knowledge.sources.plan_lines import KIND_LINE, Paragraph, is_all_caps

_NUMBER = r"\d{1,5}[a-z]? ?[/-] ?[A-ZĐ][A-Za-zĐđ]*(?: ?[-/] ?[A-ZĐ][A-Za-zĐđ]*)*"
_HEAD_NUMBER = re.compile(rf"\b(?:Số|SỐ) ?:? ?({_NUMBER})")
_HEAD_DATE = re.compile(r"((?:TP\. ?)?[A-ZĐÀ-Ỹ][^|/,.;:\d]{1,40}?), ngày ?(\d{1,2})(?: ?tháng ?| ?[/-] ?)(\d{1,2})(?: ?năm ?| ?[/-] ?)(\d{4})")
#: Ends the left column of the head: the right one, the number (also one left open), the place and date.
_HEAD_END = re.compile(r"CỘNG H(?:ÒA|OÀ)|\b(?:Số|SỐ) ?:|\b(?:Số|SỐ) ?\d|\||, ngày\b")
_ATTACHED = re.compile(
    rf"[Kk]èm theo (Quyết định|Kế hoạch|Hướng dẫn) số ?({_NUMBER})(?: ngày (\d{{1,2}})/(\d{{1,2}})/(\d{{4}}))?"
)
_ISSUED = re.compile(rf"(?P<who>(?:Ban|UBND|Ủy ban|Uỷ ban|Sở|Phòng|Bộ|Quận ủy|Huyện ủy|Thành ủy|Tỉnh ủy) [^.,;\n]{{3,60}}?) ban hành (?P<kind>Hướng dẫn|Kế hoạch|Quyết định|Chỉ thị) số ?(?P<number>{_NUMBER})")
_AREA = r"(?P<area>thành phố|tỉnh|quận|huyện|thị xã|phường|xã)"
_NAME = r"(?P<name>[A-ZĐÀ-Ỹ]\w+(?: [A-ZĐÀ-Ỹ]\w+){0,3})"
_YEAR = re.compile(r"năm (20\d\d)(?!\d)", re.IGNORECASE)
_YEARS = re.compile(r"(?:giai đoạn|năm|thời kỳ) ?(20\d\d) ?[-–] ?(20\d\d)", re.IGNORECASE)
_PEOPLES = r"(?:ỦY BAN|UỶ BAN|HỘI ĐỒNG) NHÂN DÂN|UBND|HĐND"
_AREA_CAPITAL = r"(?P<area>THÀNH PHỐ|TỈNH|QUẬN|HUYỆN|THỊ XÃ|THỊ TRẤN|PHƯỜNG|XÃ|ĐẶC KHU)"
_BODY = re.compile(rf"\b(?P<body>{_PEOPLES})\b(?: {_AREA_CAPITAL} (?P<name>.+?))?(?= (?:SỞ|BAN|PHÒNG|VĂN PHÒNG) |$)")
_OFFICE = re.compile(r"\b(?P<kind>BỘ|SỞ|VĂN PHÒNG) (?P<name>[A-ZĐÀ-Ỹ][A-ZĐÀ-Ỹ ,]+)$")


@dataclass(frozen=True)
class PlanHead:
    """What the head says, "" or None where it is silent, and the paragraphs after it."""

    kind: str
    number: str
    title: str
    authority: str
    place: str
    issued_on: date | None
    period_from: date | None
    period_to: date | None
    body: tuple[Paragraph, ...]


def read_head(paragraphs: Sequence[Paragraph]) -> PlanHead:
    """Take the head off the paragraphs; a text without a kind line keeps all of them as its body."""
    position = next((n for n, paragraph in enumerate(paragraphs[:40]) if KIND_LINE.fullmatch(paragraph.text)), None)
    all_text = " ".join(paragraph.text for paragraph in paragraphs)
    if position is None:
        return _without_kind_line(paragraphs, all_text)
    above = " ".join(" ".join(paragraph.text for paragraph in paragraphs[:position]).split())
    kind = paragraphs[position].text.rstrip(":").capitalize()
    title, n_title = _title(paragraphs[position + 1 :], all_text)
    body = tuple(paragraphs[position + 1 + n_title :])
    number, place, issued_on = _numbered_and_dated(above, all_text, title)
    period_from, period_to = _period(title)
    authority = _authority(above, all_text, place, title)
    return PlanHead(kind, number, title, authority, place, issued_on, period_from, period_to, body)


def _without_kind_line(paragraphs: Sequence[Paragraph], all_text: str) -> PlanHead:
    issued = _ISSUED.search(all_text)
    titled = [paragraph.text for paragraph in paragraphs[:4] if 30 < len(paragraph.text) < 250 and not _ISSUED.search(paragraph.text)]
    title = titled[0] if titled else (paragraphs[0].text[:200] if paragraphs else "")
    number = _tight(issued["number"]) if issued else ""
    who = issued["who"].strip() if issued else ""
    period_from, period_to = _period(title)
    return PlanHead(
        issued["kind"] if issued else "", number, title, who, _area_name(title), None, period_from, period_to,
        tuple(paragraphs[next((n for n, paragraph in enumerate(paragraphs) if paragraph.text == title), -1) + 1 :]),
    )  # fmt: skip


def _title(after: Sequence[Paragraph], all_text: str) -> tuple[str, int]:
    """The title below the kind line, and how many paragraphs it takes."""
    if not after:
        return "", 0
    parts = [after[0].text]
    for paragraph in after[1:4]:
        is_like = (after[0].is_bold and paragraph.is_bold) or (is_all_caps(after[0].text) and is_all_caps(paragraph.text))
        is_decree = re.match(r"(?:CHỦ TỊCH|ỦY BAN|UỶ BAN|THỦ TƯỚNG|BỘ TRƯỞNG)", paragraph.text)
        if not is_like or is_decree or re.match(r"[IVX]+\.|Điều|\d+\.", paragraph.text):
            break
        parts.append(paragraph.text)
    title = " ".join(parts)
    return (_recased(title, all_text) if is_all_caps(title) else title), len(parts)


def _recased(title: str, text: str) -> str:
    """An all-capital title in the capitals that its words have in the running text."""
    found = re.search(re.escape(title), text.replace(title, ""), re.IGNORECASE)
    if found and not is_all_caps(found.group(0)):
        return found.group(0)[:1].upper() + found.group(0)[1:]
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for before, word in zip(text.split(), text.split()[1:], strict=False):
        bare = _bare(word)
        if bare and not before.endswith((".", ":", "-")) and not (bare.isupper() and before.isupper()):
            seen[bare.lower()][bare] += 1
            seen[f"{_bare(before)} {bare}".lower()][bare] += 2  # beside the same neighbour counts more
    words, before = [], ""
    for word in title.split():
        words.append(_word(word, before, seen))
        before = _bare(word)
    joined = " ".join(words)
    return joined[:1].upper() + joined[1:]


def _bare(word: str) -> str:
    return word.strip(".,;:()“”\"'")


def _word(word: str, before: str, seen: dict[str, Counter[str]]) -> str:
    """The word in its usual capitals after this neighbour, else anywhere, else small; numbers stay."""
    bare = _bare(word)
    known = seen.get(f"{before} {bare}".lower()) or seen.get(bare.lower())
    if known:
        return word.replace(bare, known.most_common(1)[0][0])
    return word if any(char.isdigit() for char in bare) else word.lower()


def _numbered_and_dated(above: str, all_text: str, title: str) -> tuple[str, str, date | None]:
    number = _HEAD_NUMBER.search(above)
    dated = _HEAD_DATE.search(_HEAD_NUMBER.sub(" | ", above))
    attached = _ATTACHED.search(all_text)
    found_number = _tight(number.group(1)) if number else _tight(attached.group(2)) if attached else ""
    issued_on = _date(*dated.groups()[1:]) if dated else None
    if issued_on is None and attached and attached.group(3):
        issued_on = _date(*attached.groups()[2:])
    place = " ".join(dated.group(1).split()).lstrip("| ").strip() if dated else _area_name(title)
    return found_number, place, issued_on


def _date(day: str, month: str, year: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _tight(number: str) -> str:
    return re.sub(r"\s+", "", number)


def _area_name(title: str) -> str:
    found = re.search(rf"\b{_AREA} {_NAME}", title)
    return found["name"] if found else ""


def _authority(above: str, all_text: str, place: str, title: str) -> str:
    issuer = _authority_of_head(_left_column(above), all_text)
    if issuer:
        return issuer
    named = re.search(rf"\b(?:UBND|Ủy ban nhân dân|Uỷ ban nhân dân) {_AREA} {_NAME}(?= ban hành| xây dựng)", all_text)
    if named:
        return f"UBND {named['area']} {named['name']}"
    bare_place = re.sub(r"^(?:TP\.|Thành phố|thành phố|Tỉnh|tỉnh) ?", "", place)
    around = re.search(rf"\b(thành phố|tỉnh|quận|huyện) {re.escape(bare_place)}\b", f"{title} {all_text}", re.IGNORECASE) if bare_place else None
    return f"UBND {around.group(1).lower()} {bare_place}" if around else ""


def _left_column(above: str) -> str:
    """Who issued the text, as the head prints it: what stands before motto, number and date."""
    return " ".join(_HEAD_END.split(above, maxsplit=1)[0].replace("-", " ").split()).strip(" .*_")


def _authority_of_head(column: str, all_text: str) -> str:
    office, body = _OFFICE.search(column), _BODY.search(column)
    area = f" {body['area'].lower()} {body['name'].title()}" if body and body["area"] else ""
    if office:
        name = _recased(office["name"], all_text)
        return f"{office['kind'].capitalize()} {name[:1].upper()}{name[1:]}{area}"
    if body:
        return f"{'HĐND' if body['body'].startswith(('HỘI', 'HĐND')) else 'UBND'}{area}"
    return next((name for name in ("Thủ tướng Chính phủ", "Chính phủ") if name.upper() in column), "")


def _period(title: str) -> tuple[date | None, date | None]:
    """From "giai đoạn 2026 - 2030" or "năm 2020" in the title; a title with several single years says nothing sure."""
    years = _YEARS.search(title)
    if years and int(years[1]) <= int(years[2]):
        return date(int(years[1]), 1, 1), date(int(years[2]), 12, 31)
    plain = re.sub(r"ngày \d[^,;]*?năm 20\d\d|đến năm 20\d\d|/20\d\d", "", title, flags=re.IGNORECASE)
    found = set(_YEAR.findall(plain))
    if not found:
        found = set(re.findall(r"(?<!\d)(20\d\d)[”\"]?$", plain.strip()))
    if len(found) != 1:
        return None, None
    year = int(found.pop())
    return date(year, 1, 1), date(year, 12, 31)
