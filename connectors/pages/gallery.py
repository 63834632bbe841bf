"""``/pages/gallery`` and ``/kiosk/gallery``: what the public pages and the screens can show, in every state, light beside dark.

For those who work on them; served on this machine, to others where the chat's gallery is. Each specimen is the page's own
template with invented matters, so that nothing here can differ from what citizens see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from markupsafe import Markup

from connectors.http_guard import is_direct_loopback
from connectors.notice import Notice
from connectors.pages.addresses import plan_path
from connectors.pages.changes import Month
from connectors.pages.finding import LEVELS, Found, Pager, fields_by_letter
from connectors.pages.life_events import life_events
from connectors.pages.plan_routes import TIMES
from connectors.pages.ports import RecordChange, RecordVersion
from connectors.pages.procedure_view import view_procedure
from connectors.pages.qr import qr_svg
from connectors.pages.render import STATIC, PageKit, answers_head, validated
from connectors.pages.sources import linker
from connectors.pages.status import WORDS, PartStatus, readable_moment
from connectors.widget.gallery import replies
from knowledge.model import (
    LegalBasis,
    Plan,
    PlanSection,
    PlanTask,
    Procedure,
    RequiredDocument,
    Source,
    Submission,
)
from knowledge.plan_deadlines import read_deadline
from knowledge.plan_tasks import planned_tasks

Values = dict[str, Any]
TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 2, 5, tzinfo=UTC)
SCHEMES = ("light", "dark")
_MAIN = re.compile(r"<main[^>]*>(.*)</main>", re.DOTALL)
_AROUND = re.compile(r'(<div class="notice-line".*?)\s*<main.*</main>\s*(<footer.*?</footer>)', re.DOTALL)
_NAMED = re.compile(r'\b(id|for|list|aria-labelledby|href)="(#?)([^"]+)"')
_BLOCK = re.compile(r":root \{(.*?)\}", re.DOTALL)

BEES = Procedure(
    "9.000001", "Đăng ký nuôi ong lấy mật trong vườn nhà", Source("cong-mau", "Cổng mẫu", "https://example.vn/9.000001", "2026-07-17"),
    field="Chăn nuôi", levels=("Cấp xã",), ministry="Bộ Mẫu", agency="Ủy ban nhân dân cấp xã", authority="Ủy ban nhân dân cấp xã",
    place="Trung tâm Phục vụ hành chính công cấp xã", online_level="một phần", result="Giấy xác nhận nuôi ong", aliases=("giấy nuôi ong",),
    applicants=("Cá nhân", "Hộ gia đình"), forms=("Mẫu 01",), notes=("Ong nuôi cách trường học ít nhất 50 m.",), decision_number="12/QĐ-MAU",
    steps="Bước 1: Nộp hồ sơ\n- tại bộ phận một cửa\n- hoặc trực tuyến\nBước 2: Nhận kết quả", conditions="Vườn cách nhà bên ít nhất 20 m.",
    legal_basis=(LegalBasis("Luật Chăn nuôi", "32/2018/QH14"),),
    documents=(
        RequiredDocument("Tờ khai đăng ký nuôi ong", "1 bản chính", form="Mẫu 01"),
        RequiredDocument("Văn bản đồng ý của chủ vườn", "1 bản sao", case="Nuôi ở vườn của người khác"),
    ),
    submissions=(
        Submission("desk", "3 ngày làm việc", fees=("Miễn phí", "Lệ phí: 8.000 đồng"), note="Nộp giờ hành chính."),
        Submission("online", "2", is_time_certain=False), Submission("post"),
    ),
)  # fmt: skip
SILENT = Procedure("9.000002", "Thủ tục mà nguồn để trống", Source("cong-mau-2", "Cổng mẫu", read_on="2026-07"), field="Ánh sáng")
ODD = Procedure("9.000003", "Tên dài có <b>mã lạ</b> " + "và nhiều chữ để xem hàng gãy ở đâu " * 6, Source("x", "", read_on="2026-07"), levels=("Cấp tỉnh", "Cấp bộ"))
PLAN = Plan(
    "ke-hoach-mau", "Kế hoạch phát triển nghề nuôi ong", Source("ke-hoach-mau", "Cổng mẫu", "https://example.vn/12", "2026-07"), "12/KH-UBND", "Kế hoạch",
    "Ủy ban nhân dân tỉnh Mẫu", "tỉnh Mẫu", date(2026, 1, 5), date(2026, 1, 1), date(2026, 6, 30),
    (PlanSection("II", "Nhiệm vụ", ("Nhiệm vụ",), ("Sở Mẫu chủ trì.",)),),
    (PlanTask("Mở lớp dạy nuôi ong", "Sở Mẫu", ("Hội Mẫu",), "Mười lớp", "30/6/2026", "II.1"), PlanTask("Tuyên truyền")),
)  # fmt: skip
NEW_PLAN = Plan("ke-hoach-moi", "Kế hoạch trồng hoa ven đường", Source("ke-hoach-moi", "Cổng mẫu", read_on="2026-10"), period_to=date(2027, 12, 31))


def create_gallery(kit: PageKit, is_public: bool) -> APIRouter:
    """``is_public``: other machines may look too."""
    gallery = APIRouter(include_in_schema=False)

    def guard(request: Request) -> None:
        if not (is_public or is_direct_loopback(request)):
            raise HTTPException(404)

    @gallery.get("/pages/gallery")
    def pages(request: Request) -> Response:
        guard(request)
        rows = [(name, [specimen(kit, request, n, scheme, *what) for scheme in SCHEMES]) for n, (name, *what) in enumerate(page_states())]
        around = _AROUND.search(kit.render(request, "missing.html", **{**_missing(), "here": "/thu-tuc", "notice": Notice("Trợ lý tạm nghỉ đến 14 giờ.", "")}))
        assert around is not None, "the layout holds a notice, a head and a foot"
        rows.insert(0, ("Thông báo, đầu trang, chân trang", [(scheme, Markup(_told_apart("".join(around.groups()), f"a-{scheme}"))) for scheme in SCHEMES]))
        return kit.page(request, "gallery.html", rows=rows)

    @gallery.get("/kiosk/gallery")
    def screens(request: Request) -> Response:
        guard(request)
        return kit.page(request, "kiosk_gallery.html", fixtures=kiosk_fixtures(kit, request))

    @gallery.get("/pages/gallery.css")
    def style(request: Request) -> Response:
        guard(request)
        return validated(request, scheme_style().encode(), "text/css; charset=utf-8", {"Cache-Control": "no-cache"})

    return answers_head(gallery)


def specimen(kit: PageKit, request: Request, n: int, scheme: str, template: str, values: Values) -> tuple[str, Markup]:
    """Scheme and the content of ``template``, its names told apart from those of the other specimens."""
    whole = kit.render(request, template, **values)
    main = _MAIN.search(whole)
    content = _told_apart(main[1] if main else whole, f"{n}-{scheme}")
    return scheme, Markup(f'<div class="large">{content}</div>' if template == "checklist.html" else content)


def _told_apart(html: str, mark: str) -> str:
    def renamed(found: re.Match[str]) -> str:
        attribute, hash_sign, name = found.groups()
        return found[0] if attribute == "href" and not hash_sign else f'{attribute}="{hash_sign}{name}-{mark}"'

    return _NAMED.sub(renamed, html)


@cache
def scheme_style() -> str:
    """The tokens once more, for parts of a page instead of for all of it; from the one file that holds them."""
    light, dark = _BLOCK.findall((STATIC / "tokens.css").read_text("utf-8"))
    return f".scheme-light {{{light} color-scheme: light; }}\n.scheme-dark {{{dark} color-scheme: dark; }}\n"


def page_states() -> Iterator[tuple[str, str, Values]]:
    """Name, template and values of every state of the pages."""
    one, many = Pager.of(1, 1), Pager.of(2, 100)
    hits = ((BEES, "Lệ phí", "Miễn phí"), (ODD, "", ""), (SILENT, "Thông tin chung", "x"))
    search = {"level": "", "levels": LEVELS, "events": life_events(), "rows": (), "pager": one, "link": linker("/tim"), "found": None}
    yield "Tìm: mới mở", "search.html", search
    plan_hit = {"id": "ke-hoach-mau#2", "title": PLAN.title, "number": PLAN.number, "section": "II. Nhiệm vụ"}
    found = Found("giay nuoi ong", hits, (plan_hit,), "giấy nuôi ong", is_hidden=True, is_cut=True)
    yield "Tìm: thấy, đã che, đã cắt, nhiều trang", "search.html", search | {"found": found, "rows": hits, "pager": many, "level": "Cấp xã"}
    yield "Tìm: bộ tìm kiếm trục trặc", "search.html", search | {"found": Found("ong", hits[:1], is_rough=True), "rows": hits[:1]}
    yield "Tìm: không thấy", "search.html", search | {"found": Found("tàu vũ trụ")}
    yield "Tìm: không có chữ", "search.html", search | {"found": Found("")}
    yield "Tìm: mã bí mật", "search.html", search | {"found": Found("", is_secret=True)}
    yield "Tìm: quá nhanh", "busy.html", {"wait_s": 12}
    records = (BEES, SILENT, ODD)
    catalogue = {
        "chosen": {"linh-vuc": "", "cap": ""}, "pager": one, "is_list": False, "rows": (), "link": linker("/thu-tuc"), "total": 2275,
        "levels": [("Cấp xã", 400), ("Cấp tỉnh", 1875)], "letters": fields_by_letter(records), "events": life_events(),
    }  # fmt: skip
    yield "Danh mục", "catalogue.html", catalogue
    listed = catalogue | {"is_list": True, "chosen": {"linh-vuc": "Chăn nuôi", "cap": "Cấp xã"}}
    yield "Danh mục: một lĩnh vực", "catalogue.html", listed | {"rows": records, "pager": many}
    yield "Danh mục: không có gì", "catalogue.html", listed
    event = life_events()[0]
    yield "Việc trong đời", "event.html", {"event": event, "errands": [("Nuôi ong", BEES), ("Việc khác", ODD)]}
    yield "Việc trong đời: chưa có thủ tục", "event.html", {"event": event, "errands": []}
    qr = {"qr": qr_svg("https://example.vn/9.000001", "Mã QR mở trang thủ tục này"), "qr_opens": "trang thủ tục này"}
    versions = [RecordVersion("Cổng mẫu", "b", "2026-10-10", number="12/QĐ-MAU", changed=("phí", "giấy tờ")), RecordVersion("Cổng mẫu", "a", "")]
    full, silent = {"view": view_procedure(BEES), "record": BEES, **qr}, {"view": view_procedure(SILENT), "record": SILENT, "qr": "", "qr_opens": ""}
    yield "Thủ tục đầy đủ", "procedure.html", full | {"versions": versions, "events": [event]}
    yield "Thủ tục mà nguồn để trống", "procedure.html", silent | {"versions": versions[1:], "events": []}
    yield "Danh sách giấy tờ", "checklist.html", full
    yield "Danh sách giấy tờ trống", "checklist.html", silent
    plans = {"pager": one, "link": linker("/ke-hoach"), "today": TODAY, "path_of_plan": plan_path}
    yield "Kế hoạch", "plans.html", plans | {"rows": (PLAN, NEW_PLAN)}
    yield "Kế hoạch: chưa có", "plans.html", plans | {"rows": ()}
    tasks = [(task, read_deadline(task.deadline, 2026)) for task in PLAN.tasks]
    yield "Một kế hoạch đã hết hạn", "plan.html", {"plan": PLAN, "tasks": tasks, "today": TODAY, "source_url": PLAN.source.url}
    yield "Một kế hoạch không tách được nhiệm vụ", "plan.html", {"plan": NEW_PLAN, "tasks": [], "today": TODAY, "source_url": ""}
    planned = planned_tasks((PLAN,), TODAY)
    asked = plans | {"agency": "Sở Mẫu", "time": "", "times": TIMES, "is_lead_only": True, "agencies": ["Sở Mẫu"]}
    yield "Nhiệm vụ", "tasks.html", asked | {"rows": planned, "pager": many}
    yield "Nhiệm vụ: không khớp", "tasks.html", asked | {"rows": ()}
    month = Month("2026-07", [BEES, SILENT], [(PLAN, "hết thời gian áp dụng", date(2026, 7, 30))])
    told = [RecordChange("9.000001", BEES.name, date(2026, 7, 3), ("phí",), date(2026, 7, 1), None, True), RecordChange("9.000002", SILENT.name, date(2026, 7, 4), ("giấy tờ",), date(2026, 7, 4), date(2026, 7, 9))]
    changes = {
        "chosen": "2026-07", "reworded": told, "month": month, "past": [month], "ahead": [Month("2026-12", plans=[(PLAN, "", TODAY)])], "this_month": "2026-11",
        "pager": one, "link": linker("/thay-doi"), "rows": month.procedures, "path_of_plan": plan_path, "beside": ("2026-06", "2026-08"),
    }  # fmt: skip
    yield "Thay đổi", "changes.html", changes
    nothing = changes | {"month": None, "rows": ()}
    yield "Thay đổi: không có gì", "changes.html", nothing | {"reworded": ()}
    yield "Thay đổi: chưa đọc được lịch sử", "changes.html", nothing | {"reworded": None}
    for state, words in (("ok", "bình thường"), ("weak", "chạy một phần"), ("down", "đang hỏng")):
        parts = [PartStatus(name, title, state, "" if state == "ok" else meaning, NOW, state == "ok") for name, (title, meaning) in WORDS.items()]
        yield f"Trạng thái: {words}", "status.html", {"state": state, "parts": parts, "at": readable_moment, "now": NOW, "notice": None, "notice_since": ""}
    resting = {"notice": Notice("Trợ lý tạm nghỉ đến 14 giờ.", ""), "notice_since": readable_moment(NOW)}
    yield "Trạng thái: đang tạm nghỉ", "status.html", {"state": "ok", "parts": [], "at": readable_moment, "now": NOW, **resting}
    yield "Không có trang", "missing.html", _missing()


def _missing() -> Values:
    return {"what": "thủ tục mã 9.9", "q": "9.9", "links": ((f"{BEES.code} {BEES.name}", "/thu-tuc/9.000001"),)}


def kiosk_fixtures(kit: PageKit, request: Request) -> Values:
    """Replies and fragments that the screens' own script puts in place (static/kiosk-gallery.js)."""

    def found(given: Found) -> str:
        return kit.render(request, "_kiosk_found.html", found=given, rows=given.procedures)

    qr = qr_svg("https://example.vn/9.000001", "Mã QR mở trang thủ tục này")
    checklist = {"view": view_procedure(BEES), "record": BEES, "qr": qr, "qr_opens": "trang thủ tục này"}
    return {
        "replies": replies(),
        "found": found(Found("ong", ((BEES, "", ""), (ODD, "", "")))), "none": found(Found("ong")), "secret": found(Found("", is_secret=True)),
        "procedure": kit.render(request, "_kiosk_procedure.html", **checklist),
    }  # fmt: skip
