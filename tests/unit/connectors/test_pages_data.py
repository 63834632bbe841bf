"""Data and small parts of the pages: life events, addresses, printed text, dates."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.pages.addresses import (
    SLUG_LIMIT,
    code_of,
    is_reachable_from_elsewhere,
    procedure_path,
    safe_url,
    slug,
)
from connectors.pages.finding import Pager, fields_by_letter
from connectors.pages.life_events import life_events
from connectors.pages.prose import Block, to_blocks
from connectors.pages.qr import qr_svg
from connectors.pages.render import HERE, readable_day
from knowledge.model import Procedure, Source

CONTENT = Path(__file__).resolve().parents[3] / "knowledge" / "content" / "procedures"


def test_every_life_event_names_bundled_procedures_and_has_its_sign() -> None:
    events = life_events()
    assert len(events) == len({event.id for event in events}) == 12
    for event in events:
        assert (HERE / "templates" / "signs" / f"{event.sign}.svg").is_file(), event.sign
        assert len(event.errands) >= 5
        missing = [errand.code for errand in event.errands if not (CONTENT / f"{errand.code}.yml").is_file()]
        assert missing == [], event.id


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Đăng ký khai sinh", "dang-ky-khai-sinh"),
        ("  Cấp (lại) sổ đỏ / Hoà giải…", "cap-lai-so-do-hoa-giai"),
        ("<script>", "script"),
        ("!!!", ""),
    ],
)
def test_slugs_are_readable_ascii(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_long_names_are_cut_at_a_word_and_the_code_leads_back() -> None:
    path = procedure_path("1.001193", "Thủ tục " * 100)
    assert len(path) <= len("/thu-tuc/1.001193-") + SLUG_LIMIT and not path.endswith("-")
    assert code_of(path.removeprefix("/thu-tuc/")) == "1.001193"


@pytest.mark.parametrize("bad", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "http://[", "", "mailto:a@b.vn"])
def test_only_web_addresses_are_linked(bad: str) -> None:
    assert safe_url(bad) == ""
    assert safe_url("https://dichvucong.gov.vn/x") == "https://dichvucong.gov.vn/x"


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://hoi.lamgiang.gov.vn", True), ("http://10.0.0.5:8000", True), ("http://127.0.0.1:8000", False),
        ("http://[::1]:8000", False), ("http://localhost", False), ("http://mayquay", False),
    ],
)  # fmt: skip
def test_a_qr_code_needs_an_address_that_telephones_reach(base: str, expected: bool) -> None:
    assert is_reachable_from_elsewhere(base) is expected


def test_printed_text_keeps_every_word_and_number() -> None:
    blocks = to_blocks("Bước 1: Nộp\n- một\n+ hai\n1. a\n2. b\n5. c\nLời cuối")
    assert blocks == (
        Block("heading", ("Bước 1: Nộp",)),
        Block("list", ("một", "hai")),
        Block("numbered", ("a", "b")),
        Block("text", ("5. c",)),
        Block("text", ("Lời cuối",)),
    )
    assert to_blocks(" \n ") == ()


def test_days_are_read_as_vietnamese_write_them() -> None:
    assert [readable_day(each) for each in ("2026-07-05", "2026-07", "", "không rõ")] == ["5/7/2026", "tháng 7/2026", "", "không rõ"]


def test_fields_stand_in_vietnamese_order() -> None:
    names = ("Đất đai", "Dân số", "Chứng thực", "ân xá", "An ninh")
    rows = fields_by_letter([Procedure(str(n), "x", Source("s", ""), field=name) for n, name in enumerate(names)])
    assert [letter for letter, _ in rows] == ["A", "Â", "C", "D", "Đ"]


def test_a_page_beyond_the_end_is_the_last_one() -> None:
    assert (Pager.of(9, 31, 15).page, Pager.of(0, 31, 15).page, Pager.of(1, 0, 15).n_pages) == (3, 1, 1)
    assert list(Pager.of(3, 31, 15).cut(range(31))) == [30]


def test_qr_has_a_name_and_no_style() -> None:
    svg = qr_svg("https://example.vn/thu-tuc/1.001193", 'Mã <QR> "x"')
    assert 'role="img"' in svg and "<title>Mã &lt;QR&gt;" in svg and "style" not in svg
