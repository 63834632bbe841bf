"""The public pages over TestClient: what a reader, a printer and a search engine get."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient

from connectors.gateway import create_gateway
from connectors.pages.finding import find
from connectors.pages.ports import LastReadingOnly, NoPlans, RecordChange, RecordVersion
from connectors.pages.render import readable_day
from connectors.pages.settings import PagesSettings
from connectors.settings import GatewaySettings
from connectors.store.database import Store
from knowledge.model import PlanTask, Procedure, Source, Submission
from nlu.privacy import mask_personal_data
from tests.fakes import LIVE_PLAN, OLD_PLAN
from tests.unit.connectors.fakes import BIRTH, MARRIAGE, TRADEMARK, FakeCatalogue, FakeSearcher, dependencies

BIRTH_PATH = "/thu-tuc/1.001193-thu-tuc-dang-ky-khai-sinh"
NASTY = '</script><script>alert(1)</script><img src=x onerror="alert(2)">'
PUBLIC = GatewaySettings(pages=PagesSettings(public_url="https://hoi.lamgiang.gov.vn/"))


class Shelf:
    def __init__(self, *plans: object) -> None:
        self._plans = plans or (OLD_PLAN, LIVE_PLAN)

    def plans(self) -> tuple:
        return self._plans

    def plan(self, plan_id: str) -> object:
        return next((plan for plan in self._plans if plan.id == plan_id), None)


class BrokenSearcher:
    def search(self, *_: object) -> dict:
        raise RuntimeError("no index")


def pages(settings: GatewaySettings | None = None, **given: object) -> TestClient:
    return TestClient(create_gateway(dependencies(**{"plans": Shelf(), **given}), settings), client=("127.0.0.1", 40_000))


def structured(html: str) -> dict:
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)[1])


def only(procedure: Procedure, **more: object) -> TestClient:
    return pages(catalogue=FakeCatalogue(procedure), **more)


# One procedure.


def test_any_address_with_the_code_leads_to_the_one_canonical_page() -> None:
    client = pages(PUBLIC)
    for given in ("/thu-tuc/1.001193", "/thu-tuc/1.001193-ten-cu"):
        response = client.get(given, follow_redirects=False)
        assert (response.status_code, response.headers["location"]) == (308, BIRTH_PATH)
    html = client.get(BIRTH_PATH).text
    assert f'<link rel="canonical" href="https://hoi.lamgiang.gov.vn{BIRTH_PATH}">' in html


def test_page_shows_papers_times_and_fees_with_source_and_date_and_what_is_not_known() -> None:
    html = pages().get(BIRTH_PATH).text
    for words in ("Giấy chứng sinh", "1 bản chính", "Trường hợp: Sinh tại cơ sở y tế", "Ngay trong ngày", "Miễn phí", "60/2014/QH13"):
        assert words in html, words
    assert "nguồn không ghi đơn vị" in html
    assert "Đọc tháng 7/2026" in html
    assert "kết quả nhận được" in html and "điều kiện" in html, "named as unknown"


def test_every_known_reading_is_shown() -> None:
    class History(LastReadingOnly):
        def versions(self, procedure: Procedure) -> list[RecordVersion]:
            return [RecordVersion("Cổng", "b", "2026-10-10", changed=("phí",)), RecordVersion("Cổng", "a", "2026-07")]

    html = pages(history=History()).get(BIRTH_PATH).text
    assert html.index("Đọc 10/10/2026") < html.index("Đọc tháng 7/2026")
    assert "Khác lần trước: phí" in html
    same_day = [RecordVersion("Cổng", "b", "2026-07", changed=("phí",)), RecordVersion("Cổng", "a", "2026-07")]
    History.versions = lambda self, procedure: same_day
    assert "Khác lần trước" not in pages(history=History()).get(BIRTH_PATH).text, "two readers of one day"


def test_a_history_that_cannot_be_read_leaves_the_reading_at_hand() -> None:
    class Broken:
        def versions(self, procedure: Procedure) -> list[RecordVersion]:
            raise OSError("database gone")

        changes = versions

    client = pages(history=Broken())
    assert "Đọc tháng 7/2026" in client.get(BIRTH_PATH).text
    assert "Chưa đọc được lịch sử" in client.get("/thay-doi").text


def test_procedure_without_papers_fee_and_time_says_so() -> None:
    html = only(Procedure("1.000001", "Thủ tục trống", Source("x", ""))).get("/thu-tuc/1.000001").text
    for words in ("Nguồn không ghi giấy tờ phải nộp", "Nguồn không ghi thời gian và phí", "Nguồn không ghi nơi nhận hồ sơ", "Nguồn không ghi các bước"):
        assert words in html, words
    assert "<table" not in html
    assert "Nhớ hỏi nơi nhận" in only(Procedure("1.000001", "Trống", Source("x", ""))).get("/thu-tuc/1.000001/danh-sach").text


def test_free_beside_an_amount_is_told_as_a_contradiction() -> None:
    both = replace(BIRTH, submissions=(Submission("desk", "1 ngày", fees=("Miễn phí", "Lệ phí: 8.000 đồng")),))
    assert "cả miễn phí lẫn số tiền" in only(both).get("/thu-tuc/1.001193").text
    free = replace(BIRTH, submissions=(Submission("desk", "1 ngày", fees=("Miễn phí",)),))
    assert "cả miễn phí lẫn số tiền" not in only(free).get("/thu-tuc/1.001193").text


@pytest.mark.parametrize("page", ["/thu-tuc/1.005276", "/thu-tuc/1.005276/danh-sach", "/thu-tuc?cap=Cấp bộ", "/tim?q=nhãn", "/kiosk/thu-tuc/1.005276"])
def test_markup_in_content_stays_text_everywhere(page: str) -> None:
    nasty = replace(TRADEMARK, name=f"Nhãn {NASTY}", steps=NASTY, aliases=(NASTY,), place=NASTY, notes=(NASTY,), result=NASTY)
    response = only(nasty).get(page)
    assert response.status_code == 200
    assert "<img" not in response.text.replace('<img src="/static', "").replace('<img class="', "")
    assert "alert(1)</script>" not in response.text


def test_a_source_address_that_is_no_web_address_is_not_linked() -> None:
    html = only(replace(BIRTH, source=replace(BIRTH.source, url="javascript:alert(1)"))).get("/thu-tuc/1.001193").text
    assert "javascript:" not in html


def test_fields_of_20000_characters_come_whole() -> None:
    long = "Bước 1: " + "nộp hồ sơ " * 2_000
    html = only(replace(BIRTH, steps=long, name="Tên " * 300)).get("/thu-tuc/1.001193").text
    assert html.count("nộp hồ sơ") >= 2_000
    assert 'class="long"' in html


def test_unknown_code_is_404_with_the_words_of_its_address_and_near_codes() -> None:
    response = pages().get("/thu-tuc/1.001194-dang-ky-khai-sinh")
    assert response.status_code == 404
    assert 'value="dang ky khai sinh"' in response.text
    assert BIRTH_PATH in response.text
    assert pages().get("/thu-tuc/%00%00").status_code == 404


# Structured data and addresses.


def test_structured_data_is_a_government_service_that_the_policy_lets_through() -> None:
    response = pages(PUBLIC).get(BIRTH_PATH)
    service = structured(response.text)["@graph"][0]
    assert (service["@type"], service["identifier"], service["name"]) == ("GovernmentService", BIRTH.code, BIRTH.name)
    assert service["url"] == f"https://hoi.lamgiang.gov.vn{BIRTH_PATH}"
    assert service["provider"]["name"] == BIRTH.agency
    assert [channel["name"] for channel in service["availableChannel"]] == ["Nộp trực tiếp", "Trực tuyến"]
    assert "2" not in service["availableChannel"][1].get("description", ""), "a time without unit is no fact"
    script = re.search(r"ld\+json\">(.*?)</script>", response.text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = response.headers["content-security-policy"]
    assert f"script-src 'self' 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


#: Types that the pages use and the properties schema.org gives them (read 2026-11), a service's and a page's through their parents.
VOCABULARY = {
    "GovernmentService": {"name", "identifier", "serviceType", "alternateName", "url", "sameAs", "areaServed", "provider", "serviceOperator",
                          "audience", "serviceOutput", "availableChannel", "subjectOf"},
    "WebPage": {"url", "inLanguage", "isBasedOn", "sdDatePublished"},
    "ServiceChannel": {"name", "description", "availableLanguage", "serviceUrl"},
    "GovernmentOrganization": {"name"}, "Country": {"name"}, "Thing": {"name"}, "Audience": {"audienceType"},
    "BreadcrumbList": {"itemListElement"}, "ListItem": {"position", "name", "item"},
}  # fmt: skip


def every_thing(given: object):
    if isinstance(given, dict):
        yield given
        for value in given.values():
            yield from every_thing(value)
    elif isinstance(given, list):
        for value in given:
            yield from every_thing(value)


def test_structured_data_uses_only_what_schema_org_gives_each_type() -> None:
    full = replace(BIRTH, result="Giấy khai sinh", applicants=("Cá nhân",), aliases=("giấy khai sinh",), authority="Ủy ban nhân dân cấp xã")
    data = structured(only(full).get(BIRTH_PATH).text)
    assert data["@context"] == "https://schema.org"
    things = [thing for thing in every_thing(data["@graph"])]
    assert {thing["@type"] for thing in things} == set(VOCABULARY)
    strange = {(thing["@type"], key) for thing in things for key in thing if not key.startswith("@") and key not in VOCABULARY[thing["@type"]]}
    assert strange == set()
    assert data["@graph"][0]["subjectOf"]["sdDatePublished"] == "2026-07"


def test_the_way_to_a_page_is_the_one_it_shows_and_leads_somewhere() -> None:
    client = pages()
    trail = structured(client.get(BIRTH_PATH).text)["@graph"][1]["itemListElement"]
    assert [(step["position"], step["name"]) for step in trail] == [(1, "Thủ tục"), (2, BIRTH.field), (3, BIRTH.name)]
    for step in trail:
        assert client.get(step["item"], follow_redirects=False).status_code == 200, step
    without = structured(only(replace(BIRTH, field="")).get(BIRTH_PATH).text)["@graph"][1]["itemListElement"]
    assert [step["position"] for step in without] == [1, 2]


def test_structured_data_cannot_close_its_script() -> None:
    html = only(replace(TRADEMARK, name=NASTY)).get("/thu-tuc/1.005276").text
    assert structured(html)["@graph"][0]["name"] == NASTY


def test_sitemap_lists_every_record_once_with_absolute_addresses() -> None:
    response = pages(PUBLIC).get("/sitemap.xml")
    rows = [row.text for row in ElementTree.fromstring(response.text).iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert f"https://hoi.lamgiang.gov.vn{BIRTH_PATH}" in rows
    assert f"https://hoi.lamgiang.gov.vn/ke-hoach/{LIVE_PLAN.id}" in rows
    assert len(rows) == len(set(rows))
    assert {"https://hoi.lamgiang.gov.vn/", "https://hoi.lamgiang.gov.vn/ke-hoach/nhiem-vu"} <= set(rows)
    assert "Sitemap: https://hoi.lamgiang.gov.vn/sitemap.xml" in pages(PUBLIC).get("/robots.txt").text


def test_every_address_of_the_sitemap_is_a_page_to_be_indexed_under_that_very_address() -> None:
    client = pages()
    tree = ElementTree.fromstring(client.get("/sitemap.xml").text)
    rows = [row.text for row in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    seen: dict[str, str] = {}
    for address in rows:
        response = client.get(address, follow_redirects=False)
        html = response.text
        assert response.status_code == 200, address
        assert "noindex" not in html, address
        canonical = re.search(r'rel="canonical" href="([^"]+)"', html)
        assert address.endswith("/") or canonical is not None and canonical[1] == address, address
        title, told = re.search(r"<title>(.+?)</title>", html, re.DOTALL)[1], re.search(r'name="description" content="([^"]+)"', html)
        assert title not in seen, (address, seen.get(title))
        assert told is not None and 20 < len(told[1]) <= 200, address
        seen[title] = address
    days = [row.text for row in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}lastmod")]
    assert days and all(re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", day) for day in days), "W3C's dates"


def test_pages_are_revalidated_not_resent_and_change_with_what_is_shown() -> None:
    client = pages()
    first = client.get(BIRTH_PATH)
    assert first.headers["cache-control"] == "no-cache"
    again = client.get(BIRTH_PATH, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = pages(GatewaySettings(province="Khác")).get(BIRTH_PATH, headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


@pytest.mark.parametrize("path", ["/thu-tuc", BIRTH_PATH, "/sitemap.xml", "/tim", "/kiosk"])
def test_headers_can_be_asked_for_alone(path: str) -> None:
    response = pages().head(path)
    assert (response.status_code, response.content) == (200, b"")


# QR codes.


def test_qr_opens_our_page_where_telephones_can_reach_it_and_else_the_source() -> None:
    assert "mở trang thủ tục này" in pages(PUBLIC).get("/thu-tuc/1.001193/danh-sach").text
    local = TestClient(create_gateway(dependencies()), base_url="http://127.0.0.1:8000")
    assert "mở Cổng Dịch vụ công quốc gia" in local.get("/thu-tuc/1.001193/danh-sach").text
    silent = only(replace(BIRTH, source=Source("x", "Nguồn"))).get("/thu-tuc/1.001193/danh-sach", headers={"Host": "localhost"})
    assert 'class="qr"' not in silent.text


# Search and catalogue.


def test_search_shows_each_procedure_once_and_how_it_was_read() -> None:
    response = pages().get("/tim", params={"q": "le phi khai sinh"})
    assert response.text.count(f'href="{BIRTH_PATH}"') == 1
    assert "<strong>lệ phí khai sinh</strong>" in response.text
    assert response.headers["cache-control"] == "no-store", "words of a citizen are kept nowhere"


@pytest.mark.parametrize(("asked", "section"), [("khai sinh", "Kết quả"), ("nghị định 123/2015", "Căn cứ pháp lý")])
def test_a_list_of_laws_explains_a_find_only_to_those_who_ask_for_a_number(asked: str, section: str) -> None:
    class LawFirst(FakeSearcher):
        def search(self, *given):
            found = super().search(*given)
            law, fee = (hit | {"section": "Căn cứ pháp lý", "text": "- Nghị định 123/2015/NĐ-CP"} for hit in found["hits"])
            result = found["hits"][0] | {"section": "Kết quả", "text": "Giấy khai sinh"}
            return found | {"hits": [law, fee, result]}

    found = find(asked, LawFirst(), FakeCatalogue(), mask_personal_data)
    assert [(procedure.code, *shown[:1]) for procedure, *shown in found.procedures] == [
        (BIRTH.code, section), (TRADEMARK.code, "" if section == "Kết quả" else section)
    ]  # fmt: skip


def test_search_masks_numbers_and_never_searches_a_secret() -> None:
    searcher = FakeSearcher()
    client = pages(searcher=searcher)
    html = client.get("/tim", params={"q": "căn cước 079085001234 bị mất"}).text
    assert "079085001234" not in html and "đã che thông tin cá nhân" in html
    assert "079085001234" not in searcher.asked[0][0]
    assert "Đừng gõ mã OTP" in client.get("/tim", params={"q": "mã OTP của tôi là 482913"}).text
    assert len(searcher.asked) == 1


def test_search_that_fails_falls_back_to_names_and_says_so() -> None:
    html = pages(searcher=BrokenSearcher()).get("/tim", params={"q": "khai sinh"}).text
    assert "Bộ tìm kiếm đang gặp trục trặc" in html
    assert BIRTH_PATH in html


def test_search_of_20000_characters_reads_the_beginning() -> None:
    searcher = FakeSearcher()
    response = pages(searcher=searcher).get("/tim", params={"q": "khai sinh " * 2_000})
    assert response.status_code == 200 and "300 ký tự đầu" in response.text
    assert len(searcher.asked[0][0]) <= 300


def test_too_many_searches_from_elsewhere_wait_and_pages_go_on() -> None:
    app = create_gateway(dependencies(), GatewaySettings(rate_limit_per_minute=2))
    client = TestClient(app, client=("203.0.113.7", 5))
    assert [client.get("/tim", params={"q": "khai sinh"}).status_code for _ in range(3)] == [200, 200, 429]
    refused = client.get("/tim", params={"q": "khai sinh"})
    assert "chờ" in refused.text and int(refused.headers["retry-after"]) >= 1
    assert client.post("/kiosk/tim", json={"q": "khai sinh"}).status_code == 429
    assert client.get(BIRTH_PATH).status_code == client.get("/tim").status_code == 200


@pytest.mark.parametrize("q", ["", "   ", "?!?", "</title><script>"])
def test_search_for_nothing_or_markup_stays_usable(q: str) -> None:
    response = pages().get("/tim", params={"q": q})
    assert response.status_code == 200
    assert 'id="q"' in response.text and "<script>" not in response.text


def test_catalogue_filters_by_level_and_field_and_pages() -> None:
    many = [replace(MARRIAGE, code=f"1.{n:06}", name=f"Việc {n}") for n in range(45)]
    client = pages(catalogue=FakeCatalogue(*many, TRADEMARK))
    first = client.get("/thu-tuc", params={"linh-vuc": "Hộ tịch"}).text
    assert "Trang 1 trên 3" in first and "trang=2" in first
    last = client.get("/thu-tuc", params={"linh-vuc": "Hộ tịch", "trang": 99}).text
    assert "Trang 3 trên 3" in last and 'start="41"' in last
    assert "Không có thủ tục nào" in client.get("/thu-tuc", params={"linh-vuc": "Hộ tịch", "cap": "Cấp bộ"}).text
    assert "Sở hữu trí tuệ" in client.get("/thu-tuc").text


def test_a_life_event_shows_only_procedures_that_are_here() -> None:
    html = pages().get("/thu-tuc/viec/sinh-con").text
    assert "Khai sinh cho con" in html and "Tiền thai sản" not in html
    assert "chưa có thủ tục nào" in pages().get("/thu-tuc/viec/hoc-hanh").text
    assert pages().get("/thu-tuc/viec/khong-co").status_code == 404


# Plans and changes.


def test_plan_shows_its_tasks_and_that_its_period_has_passed() -> None:
    html = pages().get(f"/ke-hoach/{OLD_PLAN.id}").text
    for words in (OLD_PLAN.number, "Ươm mười nghìn gốc tre", "Phòng Thủy lợi", "30/6", "Trồng tre để giữ bờ sông"):
        assert words in html, words
    assert pages().get("/ke-hoach/khong-co").status_code == 404
    odd = replace(OLD_PLAN, id="Kế hoạch/số 5 & 6?")
    client = pages(plans=Shelf(odd))
    link = re.search(r'href="(/ke-hoach/[^"]+)"', client.get("/ke-hoach").text)[1]
    assert client.get(link).status_code == 200
    assert "chưa đưa kế hoạch nào" in pages(plans=NoPlans()).get("/ke-hoach").text


def test_tasks_of_all_plans_by_agency_and_time() -> None:
    year = date.today().year
    mine = PlanTask("Số hóa sổ hộ tịch", "Sở Tư pháp", ("Sở Nội vụ",), deadline=f"31/12/{year}")
    late = PlanTask("Báo cáo đã muộn", "Sở Nội vụ", deadline="30/6/2001")
    plan = replace(LIVE_PLAN, period_to=None, tasks=(mine, late, PlanTask("Tuyên truyền", "Sở Nội vụ", deadline="Thường xuyên")))
    client = pages(plans=Shelf(plan))

    def shown(**asked: str) -> list[str]:
        html = client.get("/ke-hoach/nhiem-vu", params={key.replace("_", "-"): value for key, value in asked.items()}).text
        return [task.what for task in plan.tasks if f">{task.what}<" in html]

    assert len(shown()) == 3
    assert shown(co_quan="so tu phap") == [mine.what]
    assert shown(co_quan="Sở Nội vụ", chu_tri="1") == ["Báo cáo đã muộn", "Tuyên truyền"]
    assert shown(khi="nam-nay") == [mine.what]
    assert shown(khi="qua-han") == [late.what]
    empty = client.get("/ke-hoach/nhiem-vu", params={"co-quan": "<b>Không có</b>", "khi": "bất kỳ"})
    assert empty.status_code == 200 and "Không có nhiệm vụ nào khớp" in empty.text and "<b>" not in empty.text


def test_changes_of_a_month_and_an_honest_empty_one() -> None:
    client = pages()
    july = client.get("/thay-doi", params={"thang": "2026-07"}).text
    assert "Thủ tục được đọc từ nguồn" in july and BIRTH_PATH in july
    assert "bắt đầu áp dụng" in client.get("/thay-doi", params={"thang": "2031-01"}).text
    empty = client.get("/thay-doi", params={"thang": "1999-01"}).text
    assert "không ghi nhận thay đổi nào" in empty and "không có nghĩa là quy định không đổi" in empty
    assert client.get("/thay-doi", params={"thang": "2026-13; drop"}).status_code == 200


def test_new_wordings_of_a_month_come_first_with_what_differs() -> None:
    class History(LastReadingOnly):
        def changes(self, first: date, last: date) -> list[RecordChange]:
            assert (first, last) == (date(2026, 2, 1), date(2026, 2, 28))
            return [
                RecordChange(BIRTH.code, BIRTH.name, date(2026, 2, 9), ("phí, lệ phí", "nơi nộp"), date(2026, 2, 1), None, True),
                RecordChange(MARRIAGE.code, MARRIAGE.name, date(2026, 2, 8), ("nơi nộp",), date(2026, 2, 5), date(2026, 2, 20)),
            ]

    html = pages(history=History()).get("/thay-doi", params={"thang": "2026-02"}).text
    assert BIRTH_PATH in html and "phí, lệ phí, nơi nộp" in html and "9/2/2026" in html
    assert "không ghi nhận thay đổi" not in html
    assert "Áp dụng từ 1/2/2026, đến nay chưa có bản khác" in html
    assert "Đọc thấy từ 5/2/2026, nguồn không ghi ngày áp dụng, đến 20/2/2026" in html
    assert 'href="/thay-doi?thang=2026-01"' in html and 'href="/thay-doi?thang=2026-03"' in html


def test_a_month_tells_from_when_to_when_its_plans_hold() -> None:
    html = pages().get("/thay-doi", params={"thang": "2031-01"}).text
    assert f"áp dụng từ 1/1/2031 đến {readable_day(LIVE_PLAN.period_to)}" in html


def test_first_and_last_months_of_the_calendar_have_neighbours() -> None:
    for month in ("0002-01", "9998-12"):
        assert pages().get("/thay-doi", params={"thang": month}).status_code == 200


def test_a_dead_database_stops_no_page(tmp_path: Path) -> None:
    client = pages(store=Store(f"sqlite:///{tmp_path}"))  # a folder is no database file
    for path in ("/tim?q=khai sinh", "/thu-tuc", BIRTH_PATH, "/ke-hoach", "/thay-doi", "/kiosk", "/trang-thai"):
        assert client.get(path).status_code == 200, path
    assert "Chạy một phần" in client.get("/trang-thai").text


def test_today_is_read_when_a_page_is_asked_for() -> None:
    assert date.today().strftime("%Y") in pages().get("/thay-doi").text
