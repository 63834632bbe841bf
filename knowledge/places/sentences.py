"""Says in Vietnamese where a dossier goes, from the record's own words and the place read.

What is said about receiving a dossier regardless of boundary rests on Nghị định 118/2025/NĐ-CP, which speaks of
the public service centres of province and commune. Police, tax, customs and other offices of their own are told
apart, and a record that still names the district level never sends anybody there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml

from knowledge.model import Procedure
from knowledge.places.resolver import PlaceReading
from knowledge.places.units import Commune, OldCommune, Province

PHRASES = Path(__file__).with_name("phrases.yml")
MAX_OPTIONS = 8
Receiver = Literal["commune", "commune_or_province", "province", "police", "own_office", "ministry", "district", "unknown"]
Sureness = Literal["high", "medium", "low"]

_POLICE = re.compile(r"\bcông an\b|cảnh sát|xuất nhập cảnh", re.IGNORECASE)
_OWN = re.compile(
    r"\bthuế\b|hải quan|kho bạc|bảo hiểm xã hội|t(?:òa|oà|oa) án|viện kiểm sát|ngân hàng|đăng kiểm|quân sự|quân khu|bộ đội"
    r"|đại sứ|lãnh sự|cơ quan đại diện|công chứng|thi hành án|cảng vụ",
    re.IGNORECASE,
)
_COMMUNE = re.compile(r"cấp xã|\bxã, phường|(?:ủy|uỷ) ban nhân dân\s+(?:xã|phường)|\bubnd (?:xã|phường|cấp xã)|trung tâm phục vụ hành chính công", re.IGNORECASE)
_COMMITTEE = re.compile(r"(?:ủy|uỷ) ban nhân dân|\bubnd\b|trung tâm phục vụ hành chính công", re.IGNORECASE)
_PROVINCE = re.compile(r"cấp tỉnh|\bsở\s|(?:ủy|uỷ) ban nhân dân\s+(?:tỉnh|thành phố)|\bubnd (?:tỉnh|thành phố)", re.IGNORECASE)
_DISTRICT = re.compile(r"cấp huyện|quận, huyện|bảo hiểm xã hội huyện|(?:ủy|uỷ) ban nhân dân\s+(?:huyện|quận)|\bubnd (?:huyện|quận|cấp huyện)|\bcông an (?:huyện|quận)", re.IGNORECASE)


@dataclass(frozen=True)
class PlaceOption:
    """A place to offer.

    Attributes:
        says: what a press of it may send as the person's own words.
        codes: the same for :meth:`PlaceResolver.known`: one commune or province, or the communes that remain.
    """

    label: str
    says: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlaceQuestion:
    """What to ask back about the place; no options where they would be too many to press."""

    text: str
    options: tuple[PlaceOption, ...] = ()


@dataclass(frozen=True)
class PlaceAdvice:
    """Where a dossier goes.

    Attributes:
        text: sentences for the citizen, the sureness last.
        receiver: kind of body that takes the dossier, read from the record.
        sureness: ``high`` only where a decree says so and no unit was guessed.
        question: what would make it more precise; None when nothing is missing.
        basis: numbers of the texts it rests on.
    """

    text: str
    receiver: Receiver
    sureness: Sureness
    question: PlaceQuestion | None = None
    basis: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def _phrases() -> dict[str, str]:
    return yaml.safe_load(PHRASES.read_text(encoding="utf-8"))


def _say(key: str, **values: object) -> str:
    return _phrases()[key].format(**values)


def _inside(unit: Commune | Province) -> str:
    """Name as it stands inside a sentence: "phường Sài Gòn"."""
    return f"{unit.kind.lower()} {unit.name}"


def full_name(commune: Commune, province: Province) -> str:
    """ "phường Sài Gòn, thành phố Hồ Chí Minh"."""
    return f"{_inside(commune)}, {_inside(province)}"


def _was(reading: PlaceReading) -> str:
    return ", ".join(f"{u.kind.lower()} {u.name}" for u in reading.old_units if u.name)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def receiver_of(procedure: Procedure) -> Receiver:
    """Who takes the dossier, by the record's levels and its own words about agency and place."""
    words = f"{procedure.place} ; {procedure.agency}"
    levels = procedure.levels
    at_commune = "Cấp xã" in levels or bool(_COMMUNE.search(words))
    at_province = "Cấp tỉnh" in levels or bool(_PROVINCE.search(words))
    has_committee = bool(_COMMITTEE.search(words))
    if levels == ("Cấp bộ",) and not (at_commune or at_province):
        return "ministry"
    if not has_committee and _POLICE.search(words):
        return "police"
    if not has_committee and _OWN.search(words):
        return "own_office"
    if names_district(procedure) and (_DISTRICT.search(words) or not (at_commune or at_province)):
        return "district"
    if at_commune and at_province:
        return "commune_or_province"
    if at_commune:
        return "commune"
    if at_province:
        return "province"
    return "ministry" if "Cấp bộ" in levels else "unknown"


def names_district(procedure: Procedure) -> bool:
    """The record still speaks of the level that ended on 1 July 2025."""
    return "Cấp huyện" in procedure.levels or bool(_DISTRICT.search(f"{procedure.place} ; {procedure.agency}"))


def read_place(reading: PlaceReading) -> str:
    """What was understood of the place, with today's names; "" when the text named none."""
    was = _was(reading)
    if reading.commune is not None and reading.province is not None:
        today = full_name(reading.commune, reading.province)
        if reading.needs_check:
            return _say("check", today=today)
        return _say("now_was", today=today, was=was) if was else _say("now", today=today)
    if reading.province is None:
        return ""
    province = _inside(reading.province)
    if reading.status == "district" and was:
        return _say("in_old_district", was=_capital(was), province=province)
    return _say("in_province_was", was=_capital(was), province=province) if was else _say("in_province", province=province)


def place_question(reading: PlaceReading) -> PlaceQuestion | None:
    """What to ask so that one commune is left; None when it is known."""
    if reading.status == "commune":
        return None
    communes = {c.commune.code: c for c in reading.candidates}
    by_commune = tuple(PlaceOption(c.commune.full_name, full_name(c.commune, c.province), (c.commune.code,)) for c in communes.values())
    by_province = tuple(PlaceOption(p.full_name, p.full_name, (p.code,)) for p in reading.provinces)
    province = _inside(reading.province) if reading.province else ""
    was = _capital(_was(reading))
    if reading.missing == "which":
        return PlaceQuestion(_say("ask_which"), _few(by_province))
    if reading.missing == "province":
        return PlaceQuestion(_say("ask_province"), _few(by_province))
    if reading.missing == "part":
        return PlaceQuestion(_say("ask_part", was=was, count=len(communes)), _few(by_commune))
    if kept := _kept_name(reading):
        return PlaceQuestion(_say("ask_kept_name", was=kept, count=len(communes)), _few(by_commune))
    if reading.missing == "district":
        olds = {c.old_district.code: c for c in reading.candidates if c.old_district and c.old_province and c.via}
        options = tuple(
            PlaceOption(
                f"{c.old_district.full_name} ({c.old_province.name})",
                f"{c.via.full_name}, {c.old_district.full_name}, {c.old_province.full_name} cũ",
                tuple(dict.fromkeys(o.commune.code for o in reading.candidates if o.old_district == c.old_district)),
            )
            for c in olds.values()
            if c.old_district and c.old_province and c.via
        )
        return PlaceQuestion(_say("ask_district", province=province, count=len(options)), _few(options))
    if reading.status == "district" and was:
        return PlaceQuestion(_say("ask_commune_of", was=was, count=len(communes)), _few(by_commune))
    if reading.province is not None:
        return PlaceQuestion(_say("ask_commune", province=province), _few(by_commune))
    return PlaceQuestion(_say("ask_any"))


def _kept_name(reading: PlaceReading) -> str:
    """The old commune that was split and whose name one of its parts still bears, "" where the reading is none such."""
    olds = {c.via for c in reading.candidates if c.via is not None}
    today = [c.commune.name for c in reading.candidates if c.via is None]
    old = next(iter(olds), None)
    is_one = len(olds) == 1 and isinstance(old, OldCommune) and len(old.became) > 1
    return old.full_name if is_one and today == [old.name] else ""


def _few(options: tuple[PlaceOption, ...]) -> tuple[PlaceOption, ...]:
    return options if len(options) <= MAX_OPTIONS else ()


def place_sentence(procedure: Procedure, reading: PlaceReading, quotes_record: bool = True) -> PlaceAdvice:
    """Where this person hands in the dossier, and how sure that is.

    Args:
        quotes_record: False where the record's own words stand beside it already.
    """
    receiver = receiver_of(procedure)
    commune = _inside(reading.commune) if reading.commune else ""
    province = _inside(reading.province) if reading.province else ""
    lines = [read_place(reading), _say("elsewhere") if reading.is_elsewhere else "", _body(receiver, commune, province)]
    if quotes_record and (printed := (procedure.place or procedure.agency).strip()):
        lines.append(_say("printed", words=printed.rstrip(" .")))
    is_centre = receiver in ("commune", "commune_or_province", "province")
    if is_centre:
        lines.append(_say("anywhere", province=province) if province else _say("anywhere_unknown"))
        lines.append(_say("solves"))
    elif receiver in ("police", "own_office"):
        lines.append(_say("district_named") if names_district(procedure) else _say("not_anywhere"))
    sureness = "low" if names_district(procedure) else _sureness(receiver, reading)
    named = sureness == "high" and bool(commune or province)
    as_of = reading.source.as_of.strftime("%d/%m/%Y")
    is_read_badly = sureness == "medium" and is_centre
    key = "sure_high_named" if named else "sure_medium_read" if is_read_badly else f"sure_{sureness}"
    lines.append(_say(key, as_of=as_of))
    question = None if receiver == "ministry" else place_question(reading)
    return PlaceAdvice(
        "\n".join(line for line in lines if line), receiver, sureness, question,
        ("118/2025/NĐ-CP",) if is_centre else (),
    )  # fmt: skip


def _body(receiver: Receiver, commune: str, province: str) -> str:
    where = commune or province or "nơi bạn ở"
    if receiver in ("ministry", "district", "unknown"):
        return _say(receiver, where=where) if receiver != "ministry" else _say(receiver)
    if receiver == "own_office":
        return _say(receiver, where=province) if province else _say("own_office_unknown")
    if receiver == "province":
        return _say(receiver, province=province) if province else _say("province_unknown")
    return _say(receiver, commune=commune, province=province) if commune else _say(f"{receiver}_unknown")


def _sureness(receiver: Receiver, reading: PlaceReading) -> Sureness:
    if receiver in ("district", "unknown"):
        return "low"
    if receiver in ("police", "own_office", "ministry"):
        return "medium"
    return "medium" if reading.needs_check or reading.is_elsewhere else "high"
