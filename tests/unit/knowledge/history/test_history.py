"""What replaced what, what differs between two readings, and which version stood on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from knowledge.history.differences import differences
from knowledge.history.relations import numbers_replaced, replacements
from knowledge.history.timeline import as_of, timeline
from knowledge.model import LegalBasis, Plan, PlanSection, Procedure, RequiredDocument, Submission
from knowledge.store.history import Version
from knowledge.store.records import digest_of_words, kind_of
from tests.fakes import BIRTH, LIVE_PLAN, MARRIAGE


def saying(*words: str, **changes) -> Plan:
    section = PlanSection("I", "Tổ chức", ("Tổ chức",), words)
    return replace(LIVE_PLAN, sections=(section,), **changes)


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("Kế hoạch này thay thế Kế hoạch số 076/KH-UBND ngày 30/8/2025.", ("076/KH-UBND",)),
        ("Quyết định này có hiệu lực từ ngày ký và thay thế Quyết định số 12/2024/QĐ-UBND.", ("12/2024/QĐ-UBND",)),
        ("Bãi bỏ Quyết định số 5/QĐ-UBND và các văn bản kèm theo.", ("5/QĐ-UBND",)),
        ("Kế hoạch số 9/KH-UBND ngày 1/2/2030 hết hiệu lực kể từ ngày Kế hoạch này được ban hành.", ("9/KH-UBND",)),
        ("Căn cứ Nghị định số 118/2025/NĐ-CP thay thế Nghị định số 61/2018/NĐ-CP.", ()),
        ("Rà soát, sửa đổi, thay thế, bãi bỏ văn bản không còn phù hợp.", ()),
        ("Điều trị nghiện bằng thuốc thay thế theo Kế hoạch số 3/KH-UBND.", ()),
        ("Kế hoạch này thay thế Kế hoạch số 52/KH-UBND.", ()),  # its own number: a slip of the pen
    ],
)
def test_a_plan_names_what_it_replaces_in_its_own_words_only(words: str, numbers: tuple[str, ...]) -> None:
    assert numbers_replaced(saying(words)) == numbers


def test_a_plan_is_replaced_by_a_later_one_of_the_same_authority() -> None:
    old = saying("Không có gì.", id="cu", number="41/KH-UBND")
    new = saying("Kế hoạch này thay thế Kế hoạch số 41/KH-UBND.", id="moi")
    elsewhere = replace(old, id="tinh-khac", authority="Ủy ban nhân dân tỉnh Khác")
    found = replacements([old, new, elsewhere])
    assert {key: plan.id for key, plan in found.by.items()} == {"cu": "moi"}
    assert found.circles == ()


def test_a_number_of_another_year_is_another_document() -> None:
    old = saying("Không có gì.", id="cu", number="41/KH-UBND", issued_on=date(2029, 2, 3))
    new = saying("Kế hoạch này thay thế Kế hoạch số 41/KH-UBND ngày 03/02/2030.", id="moi")
    assert replacements([old, new]).by == {}
    assert set(replacements([replace(old, issued_on=date(2030, 2, 3)), new]).by) == {"cu"}
    assert set(replacements([replace(old, issued_on=None), new]).by) == {"cu"}


def test_what_a_reader_noted_as_replaced_counts_as_the_plans_own_words() -> None:
    old = saying("Không có gì.", id="cu", number="41/KH-UBND", issued_on=date(2029, 2, 3))
    noted = LegalBasis("Kế hoạch số 41/KH-UBND ngày 3 tháng 2 năm 2029", "41/KH-UBND")
    assert set(replacements([old, replace(LIVE_PLAN, replaces=(noted,))]).by) == {"cu"}


def test_the_newest_stands_at_the_end_of_the_chain_from_the_day_it_was_issued() -> None:
    first = saying("Không có gì.", id="a", number="1/KH-UBND")
    second = saying("Kế hoạch này thay thế Kế hoạch số 1/KH-UBND.", id="b", number="2/KH-UBND", issued_on=date(2030, 1, 1))
    third = saying("Kế hoạch này thay thế Kế hoạch số 2/KH-UBND.", id="c", number="3/KH-UBND", issued_on=date(2031, 1, 1))
    found = replacements([first, second, third])
    on = {day: found.newest("a", date.fromisoformat(day)) for day in ("2029-12-31", "2030-12-31", "2031-01-01")}
    assert [plan.id if plan else None for plan in on.values()] == [None, "b", "c"]
    assert found.newest("c", date(2032, 1, 1)) is None


def test_a_circle_is_named_and_not_followed() -> None:
    plans = [
        saying(f"Kế hoạch này thay thế Kế hoạch số {other}/KH-UBND.", id=f"p{number}", number=f"{number}/KH-UBND")
        for number, other in ((1, 2), (2, 3), (3, 1), (4, 3))
    ]
    found = replacements(plans)
    assert found.circles == (("p1", "p2", "p3"),)
    assert found.by == {}


def with_fee(fee: str, time: str = "3 ngày làm việc") -> Procedure:
    return replace(MARRIAGE, submissions=(Submission("desk", time, fees=(fee,)),))


def test_a_fee_that_changed_is_told_as_printed() -> None:
    (found,) = differences(with_fee("Lệ phí: 8.000 đồng"), with_fee("Lệ phí: 10.000 đồng"))
    assert (found.part, found.added, found.removed) == ("fee", ("Lệ phí: 10.000 đồng",), ("Lệ phí: 8.000 đồng",))


@pytest.mark.parametrize("later", ["Lệ phí: 8.000 đồng", "lệ phí 8,000 Đồng", "8.000 đ"])
def test_the_same_fee_in_other_words_is_no_difference(later: str) -> None:
    assert differences(with_fee("Lệ phí: 8.000 đồng"), with_fee(later)) == ()


def test_a_time_that_changed_is_told() -> None:
    (found,) = differences(with_fee("Miễn phí", "5 ngày làm việc"), with_fee("Miễn phí", "3 Ngày làm việc"))
    assert (found.part, found.added, found.removed) == ("time", ("3 Ngày làm việc",), ("5 ngày làm việc",))


def test_a_change_on_every_channel_is_told_once() -> None:
    def on_all(time: str) -> Procedure:
        return replace(MARRIAGE, submissions=tuple(Submission(channel, time) for channel in ("desk", "online", "post")))

    (found,) = differences(on_all("40 Ngày"), on_all("25 ngày"))
    assert (found.added, found.removed) == (("25 ngày",), ("40 Ngày",))


def papers(*names: str) -> Procedure:
    return replace(MARRIAGE, documents=tuple(RequiredDocument(*name.split("|")) for name in names))


def test_documents_are_matched_by_name_and_near_names() -> None:
    before = papers("Tờ khai đăng ký kết hôn theo mẫu quy định|1 bản chính", "Giấy xác nhận tình trạng hôn nhân|1 bản chính")
    after = papers("Tờ khai đăng ký kết hôn, theo mẫu quy định.|1 bản chính", "Căn cước công dân|1 bản sao")
    (found,) = differences(before, after)
    assert found.added == ("Căn cước công dân (1 bản sao)",)
    assert found.removed == ("Giấy xác nhận tình trạng hôn nhân (1 bản chính)",)


def test_another_quantity_of_the_same_paper_is_told() -> None:
    (found,) = differences(papers("Ảnh 4x6|1 bản"), papers("Ảnh 4x6|2 bản"))
    assert (found.added, found.removed) == (("Ảnh 4x6 (2 bản)",), ("Ảnh 4x6 (1 bản)",))


def test_the_order_and_spelling_of_lines_are_no_difference() -> None:
    assert differences(papers("Giấy A", "Giấy  B"), papers("giấy b", "Giấy A;")) == ()


def test_laws_are_compared_by_number_and_long_texts_as_rewritten() -> None:
    before = replace(BIRTH, legal_basis=(LegalBasis("Nghị định", "05/2030/NĐ-CP"),), steps="Nộp ở xã. " * 60)
    after = replace(BIRTH, legal_basis=(LegalBasis("Nghị định mới", "5/2030/NĐ-CP"), LegalBasis("Luật", "7/2031/QH17")), steps="Gửi qua mạng rồi chờ. " * 40)
    found = {d.part: d for d in differences(before, after)}
    assert found["legal_basis"].added == ("7/2031/QH17",) and found["legal_basis"].removed == ()
    assert (found["steps"].added, found["steps"].removed) == ((), ())


@pytest.mark.parametrize("part", ["documents", "submissions", "legal_basis", "conditions", "agency"])
def test_a_part_on_which_one_reading_is_silent_is_no_difference(part: str) -> None:
    silent = replace(BIRTH, place="", **{part: "" if part in ("conditions", "agency") else ()})
    whole = replace(BIRTH, place="")
    assert differences(silent, whole) == differences(whole, silent) == ()


def version(record: Procedure | Plan, number: int = 1, read_on: str = "", raw: str = "", **changes) -> Version:
    values = {
        "id": number, "kind": kind_of(record), "record_id": "x", "digest": digest_of_words(record), "raw_digest": raw or f"raw {number}",
        "number": "", "title": "", "source_id": "", "source_title": "", "origin": "imported", "read_on": read_on, "last_read_on": read_on,
        "in_force_from": None, "in_force_to": None, "replaces": (), "replaced_by": "", "status": "current",
        "first_seen": datetime(2026, 11, 1), "first_live": datetime(2026, 11, 1), "record": record,
    }  # fmt: skip
    return Version(**{**values, **changes})


OLD, NEW = with_fee("8.000 đồng"), with_fee("10.000 đồng")


def test_the_version_of_a_day_is_the_last_one_read_by_then() -> None:
    versions = (version(OLD, 1, "2026-07"), version(NEW, 2, "2026-10-10"))
    assert as_of(versions, date(2026, 6, 30)) is None
    assert as_of(versions, date(2026, 7, 1)).version.id == 1
    assert as_of(versions, date(2026, 10, 9)).version.id == 1
    assert as_of(versions, date(2026, 10, 10)).version.id == 2
    before, after = timeline(versions)
    assert (before.until, after.until, after.is_stated) == (date(2026, 10, 9), None, False)
    assert [d.part for d in after.differences] == ["fee"]


def test_the_days_that_a_record_states_weigh_more_than_when_it_was_read() -> None:
    stated = version(LIVE_PLAN, 1, "2026-10", in_force_from=date(2026, 1, 1), in_force_to=date(2026, 6, 30))
    assert as_of((stated,), date(2026, 1, 1)).is_stated
    assert as_of((stated,), date(2026, 6, 30)) is not None
    assert as_of((stated,), date(2026, 7, 1)) is None


def test_a_better_reading_of_the_same_bytes_is_no_change() -> None:
    misread, reread = version(OLD, 1, "2026-07", raw="same"), version(NEW, 2, "2026-07", raw="same")
    (step,) = timeline((misread, reread))
    assert step.version.id == 2


def test_other_words_for_the_same_facts_are_no_step() -> None:
    steps = timeline((version(OLD, 1, "2026-07"), version(with_fee("Lệ phí 8.000 đ"), 2, "2026-10")))
    assert [step.version.id for step in steps] == [1]


def test_imported_readings_are_compared_with_imported_ones_not_with_an_editors_words() -> None:
    edited = version(replace(OLD, steps="Lời của biên tập viên " * 20), 1, "2026-07", origin="bundled")
    steps = timeline((edited, version(OLD, 2, "2026-07"), version(NEW, 3, "2026-10")))
    assert [step.version.id for step in steps] == [1, 3]
    assert [d.part for d in steps[1].differences] == ["fee"]


def test_a_version_that_ended_before_the_next_began_does_not_fill_the_days_between() -> None:
    ended = version(OLD, 1, "2026-01-01", in_force_from=date(2026, 1, 1), in_force_to=date(2026, 3, 31))
    versions = (ended, version(NEW, 2, "2026-06-01", in_force_from=date(2026, 6, 1)))
    assert as_of(versions, date(2026, 3, 31)).version.record == OLD
    assert as_of(versions, date(2026, 4, 1)) is None
    assert as_of(versions, date(2026, 6, 1)).version.record == NEW


def test_the_same_words_read_again_may_tell_when_they_end() -> None:
    open_, ended = version(OLD, 1, "2026-01-01"), version(OLD, 2, "2026-05-01", in_force_to=date(2026, 12, 31))
    (step,) = timeline((open_, ended))
    assert (step.since, step.until) == (date(2026, 1, 1), date(2026, 12, 31))
    assert as_of((open_, ended), date(2027, 1, 1)) is None
