"""The HTTP bodies and filters of ``/api/v1/plans`` and ``/api/v1/tasks``, as OpenAPI shows them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from knowledge.plan_deadlines import month_end

Page = Annotated[int, Field(ge=1, le=100_000, description="Trang, từ 1. / Page, from 1.")]
PageSize = Annotated[int, Field(ge=1, le=100, description="Số dòng mỗi trang. / Rows a page.")]


class PlanQuery(BaseModel):
    """Filters of the list of plans; an unknown one is refused."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[str, Field(max_length=60, description="Loại: “Kế hoạch”, “Quyết định”… / Kind.")] = ""
    authority: Annotated[str, Field(max_length=200, description="Nơi ban hành, một phần tên cũng được; có hay không dấu. / Part of the issuing authority's name.")] = ""
    year: Annotated[int | None, Field(ge=1945, le=2100, description="Ban hành trong năm, hoặc thời gian thực hiện có năm này. / Issued in, or running in, this year.")] = None
    over: Annotated[bool | None, Field(description="true: đã hết thời gian thực hiện hoặc đã được thay thế; false: chưa, hoặc văn bản không nói. / Period passed or replaced, or neither.")] = None
    text: Annotated[str, Field(max_length=200, description="Cụm từ có trong số, tên hoặc nội dung. / Words in number, title or text.")] = ""
    page: Page = 1
    page_size: PageSize = 20


class TaskQuery(BaseModel):
    """Filters of the list of tasks; an unknown one is refused, and so are two that contradict each other."""

    model_config = ConfigDict(extra="forbid")

    agency: Annotated[str, Field(max_length=200, description="Đơn vị, ví dụ “Sở Nội vụ”; viết tắt UBND, không dấu đều được. / Agency.")] = ""
    role: Annotated[Literal["any", "lead", "co"], Field(description="lead: chủ trì; co: phối hợp; any: cả hai. / Leading, helping, or either.")] = "any"
    due_after: Annotated[date | None, Field(description="Hạn từ ngày này, tính cả ngày đó. / Due on or after.")] = None
    due_before: Annotated[date | None, Field(description="Hạn đến ngày này, tính cả ngày đó. / Due on or before.")] = None
    quarter: Annotated[
        str, Field(pattern=r"^(20\d\d-Q[1-4])?$", description="Quý, dạng 2026-Q3; thay cho due_after và due_before. / Quarter, instead of the two days.")
    ] = ""
    going_on: Annotated[bool, Field(description="Gồm cả việc đang làm trong khoảng ấy, dù hạn muộn hơn. / Work going on then counts too.")] = False
    overdue: Annotated[bool, Field(description="Chỉ việc đã qua hạn tính đến hôm nay; văn bản không nói việc đã xong chưa. / Last day has passed.")] = False
    current: Annotated[bool, Field(description="Bỏ văn bản đã hết thời gian thực hiện. / Leave out plans whose period has passed.")] = False
    plan: Annotated[str, Field(max_length=200, description="Mã hoặc số văn bản. / Plan id or document number.")] = ""
    text: Annotated[str, Field(max_length=200, description="Cụm từ có trong việc. / Words in the task.")] = ""
    page: Page = 1
    page_size: PageSize = 20

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.quarter and (self.due_after or self.due_before):
            raise PydanticCustomError("contradiction", "quarter hoặc due_after và due_before, không dùng cả hai / either quarter or due_after and due_before")
        if self.due_after and self.due_before and self.due_after > self.due_before:
            raise PydanticCustomError("contradiction", "due_after không sau due_before / due_after not later than due_before")
        if self.role != "any" and not self.agency:
            raise PydanticCustomError("contradiction", "role cần đi cùng agency / role needs agency")
        return self

    def period(self) -> tuple[date | None, date | None]:
        """First and last day asked for, both included."""
        if not self.quarter:
            return self.due_after, self.due_before
        year, n = int(self.quarter[:4]), int(self.quarter[-1])
        return date(year, 3 * n - 2, 1), month_end(year, 3 * n)


class Doubt(BaseModel):
    code: Annotated[str, Field(description="Mã ngắn. / Short code.")]
    text: Annotated[str, Field(description="Tiếng Việt.")]
    text_en: Annotated[str, Field(description="English.")]


class DeadlineShape(BaseModel):
    text: Annotated[str, Field(description="Hạn như văn bản ghi; rỗng nếu không ghi. / As printed.")]
    kind: Annotated[
        Literal["day", "month", "quarter", "year", "span", "open", "habit", "event", "unclear", "none"],
        Field(description="day, month, quarter, year: xong trước khi hết kỳ đó; habit: thường xuyên, định kỳ; event: theo việc khác; open: từ đó trở đi. / How it was read."),
    ]
    starts: Annotated[date | None, Field(description="Ngày bắt đầu, nếu có. / First day.")] = None
    due: Annotated[date | None, Field(description="Ngày cuối còn đúng hạn. / Last day in time.")] = None


class TaskItem(BaseModel):
    id: Annotated[str, Field(description="Không đổi khi văn bản giữ nguyên lời giao việc. / Stable while the plan keeps its words.")]
    what: Annotated[str, Field(description="Việc, đúng lời văn bản. / The task as printed.")]
    lead: Annotated[str, Field(description="Đơn vị chủ trì; rỗng nếu văn bản không nói. / Lead agency.")]
    co_agencies: Annotated[list[str], Field(description="Đơn vị phối hợp. / Co-agencies.")]
    product: Annotated[str, Field(description="Sản phẩm. / Product.")]
    deadline: DeadlineShape
    overdue: Annotated[bool, Field(description="Ngày cuối đã qua. / The last day has passed.")]
    section: Annotated[str, Field(description="Mục, kèm tên mục. / Section with its title.")]
    quote: Annotated[str, Field(description="Nguyên văn đoạn giao việc. / The paragraph, as printed.")]
    plan_id: Annotated[str, Field(description="Mã văn bản. / Plan id.")]
    plan_number: Annotated[str, Field(description="Số văn bản. / Document number.")]
    plan_title: Annotated[str, Field(description="Tên văn bản. / Title.")]
    plan_authority: Annotated[str, Field(description="Nơi ban hành. / Authority.")]
    plan_over: Annotated[bool, Field(description="Văn bản đã hết thời gian thực hiện. / Its period has passed.")]
    uncertain: Annotated[list[Doubt], Field(description="Những điều chưa chắc khi đọc; rỗng nếu không có. / What is uncertain.")]


class TaskList(BaseModel):
    items: list[TaskItem]
    total: Annotated[int, Field(description="Tổng số việc khớp. / How many fit in all.")]
    page: Annotated[int, Field(description="Trang này. / This page.")]
    page_size: Annotated[int, Field(description="Số dòng mỗi trang. / Rows a page.")]
    as_of: Annotated[date, Field(description="Ngày dùng để tính quá hạn. / Day on which deadlines were judged.")]


class PlanSummary(BaseModel):
    id: Annotated[str, Field(description="Mã văn bản, dùng ở /plans/{id}. / Plan id.")]
    number: Annotated[str, Field(description="Số văn bản; rỗng nếu không đọc được. / Document number.")]
    kind: Annotated[str, Field(description="Loại. / Kind.")]
    title: Annotated[str, Field(description="Tên. / Title.")]
    authority: Annotated[str, Field(description="Nơi ban hành. / Authority.")]
    place: Annotated[str, Field(description="Địa danh. / Place.")]
    issued_on: Annotated[date | None, Field(description="Ngày ban hành. / Date of issue.")]
    period_from: Annotated[date | None, Field(description="Thực hiện từ. / Period from.")]
    period_to: Annotated[date | None, Field(description="Thực hiện đến. / Period to.")]
    over: Annotated[bool, Field(description="Đã hết thời gian thực hiện hoặc đã được thay thế. / Its period has passed or another took its place.")]
    n_tasks: Annotated[int, Field(description="Số việc đọc được. / Tasks found.")]


class PlanList(BaseModel):
    items: list[PlanSummary]
    total: Annotated[int, Field(description="Tổng số văn bản khớp. / How many fit in all.")]
    page: Annotated[int, Field(description="Trang này. / This page.")]
    page_size: Annotated[int, Field(description="Số dòng mỗi trang. / Rows a page.")]


class Basis(BaseModel):
    number: Annotated[str, Field(description="Số văn bản được dẫn; rỗng nếu không ghi. / Number cited.")]
    title: Annotated[str, Field(description="Đúng lời văn bản. / As printed.")]
    ended_on: Annotated[date | None, Field(description="Ngày hết hiệu lực, nếu biết. / Day from which it was in force no more, if known.")]
    now: Annotated[str, Field(description="Văn bản thay cho nó, nếu biết. / What stands in its place, if known.")]


class PlanName(BaseModel):
    id: str
    number: str
    title: str


class PlanSource(BaseModel):
    id: Annotated[str, Field(description="Tệp hoặc mã bản ghi. / File or record id.")]
    title: Annotated[str, Field(description="Tên nguồn. / Title.")]
    url: Annotated[str, Field(description="Trang công khai. / Public page.")]
    read_on: Annotated[str, Field(description="Ngày đọc. / When it was read.")]


class SectionShape(BaseModel):
    number: Annotated[str, Field(description="Số mục như khi dẫn, ví dụ II.2.a. / As cited.")]
    heading: Annotated[str, Field(description="Số và tên mục. / Number and title.")]
    paragraphs: list[str]
    task_ids: Annotated[list[str], Field(description="Việc giao ngay trong mục. / Tasks set in this section.")]
    children: list[SectionShape]


class PlanDetail(PlanSummary):
    signer: Annotated[str, Field(description="Người ký; rỗng nếu không đọc được. / Signer.")]
    signer_role: Annotated[str, Field(description="Chức vụ người ký. / Office.")]
    legal_grounds: Annotated[list[Basis], Field(description="Căn cứ. / Legal grounds.")]
    replaces: Annotated[list[Basis], Field(description="Văn bản mà nó nói thay thế hoặc bãi bỏ. / Documents it says it replaces.")]
    replaced_by: Annotated[list[PlanName], Field(description="Văn bản đang có nói thay thế nó. / Known plans that say they replace it.")]
    source: PlanSource
    sections: Annotated[list[SectionShape], Field(description="Cây mục. / Section tree.")]
    tasks: list[TaskItem]
