"""``/api/v1``: versions of a record and what changed since a day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Path, Query
from pydantic import AfterValidator, BaseModel, Field

from connectors.api import FAULTS
from connectors.errors import StoreError
from connectors.models import ErrorResponse
from connectors.ports import Versions

MAX_CHANGES = 500
_AWAY: dict[int | str, dict[str, Any]] = {503: {"model": ErrorResponse, "description": "Cơ sở dữ liệu tạm vắng / Database away"}}
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"model": ErrorResponse, "description": "Không có mã này / No such code"}}


def _as_utc(moment: datetime) -> datetime:
    """The database keeps moments of UTC without saying so; RFC 3339, which OpenAPI promises, wants it said."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


UtcMoment = Annotated[datetime, AfterValidator(_as_utc)]


class RecordDifference(BaseModel):
    part: Annotated[str, Field(description="Phần khác: documents, fee, time … / Part that differs.")]
    added: Annotated[list[str], Field(description="Dòng mới có. / Lines that came.")]
    removed: Annotated[list[str], Field(description="Dòng không còn. / Lines that went.")]


class VersionRow(BaseModel):
    kind: Annotated[Literal["procedure", "plan"], Field(description="Loại bản ghi. / Kind of record.")]
    id: Annotated[str, Field(description="Mã thủ tục hoặc mã văn bản. / Procedure code or plan id.")]
    number: Annotated[str, Field(description="Mã hoặc số văn bản. / Code or document number.")]
    title: Annotated[str, Field(description="Tên. / Title.")]
    digest: Annotated[str, Field(description="SHA-256 của nội dung. / SHA-256 of the words.")]
    source: Annotated[str, Field(description="Tệp hoặc mã nguồn. / File or record id.")]
    source_title: Annotated[str, Field(description="Tên nguồn. / Title of the source.")]
    origin: Annotated[str, Field(description="bundled (kèm sẵn) hoặc imported (nhập vào).")]
    read_on: Annotated[str, Field(description="Lần đầu đọc (ngày hoặc tháng). / First read (day or month).")]
    last_read_on: Annotated[str, Field(description="Lần gần nhất đọc. / Last read.")]
    in_force_from: Annotated[date | None, Field(description="Ngày có hiệu lực, nếu văn bản tự nêu. / As the record states.")]
    in_force_to: Annotated[date | None, Field(description="Ngày hết hiệu lực, nếu văn bản tự nêu. / As the record states.")]
    since: Annotated[date | None, Field(description="Trợ lý dùng từ ngày. / Told from this day; null: another version stood.")]
    until: Annotated[date | None, Field(description="Dùng đến hết ngày; null là đang dùng. / Last day; null: still.")]
    is_stated: Annotated[bool, Field(description="Ngày bắt đầu do văn bản nêu, không phải do lần đọc. / Start is stated.")]
    replaces: Annotated[list[str], Field(description="Số văn bản bị thay thế. / Numbers it replaces.")]
    replaced_by: Annotated[str, Field(description="Số văn bản thay thế nó. / What replaced it.")]
    status: Annotated[str, Field(description="current, superseded, ended.")]
    went_live: Annotated[UtcMoment | None, Field(description="Lần đầu đưa lên (UTC). / First released (UTC).")]
    differences: Annotated[list[RecordDifference], Field(description="Khác với bản trước. / Beside the version before.")]


class VersionList(BaseModel):
    items: list[VersionRow]


class ChangeList(VersionList):
    page: Annotated[int, Field(description="Trang này. / This page.")]
    has_more: Annotated[bool, Field(description="Còn trang sau. / There is another page.")]


def create_versions_api(versions: Versions) -> APIRouter:
    api = APIRouter(prefix="/api/v1", responses={**FAULTS, **_AWAY}, tags=["Tra cứu"])

    @api.get("/procedures/{code}/versions", summary="Các bản của một thủ tục / Versions", responses=_UNKNOWN)
    def of_procedure(
        code: Annotated[str, Path(max_length=32, description="Mã thủ tục. / Procedure code.")],
    ) -> VersionList:
        """Mọi bản từng dùng, cũ trước mới sau. / Every version that was ever live, oldest first."""
        found = _or_away(lambda: versions.of_procedure(code))
        if not found:
            raise HTTPException(404)
        return VersionList.model_validate({"items": found})

    @api.get("/changes", summary="Thay đổi từ một ngày / Changes since a day")
    def changes(
        since: Annotated[date, Query(description="Từ ngày (YYYY-MM-DD). / Since this day.")],
        kind: Annotated[Literal["procedure", "plan"] | None, Query(description="Chỉ loại này. / Only this kind.")] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_CHANGES, description="Nhiều nhất. / At most.")] = 100,
        page: Annotated[int, Query(ge=1, le=100_000, description="Trang, từ 1; mỗi trang limit dòng. / Page, from 1, of limit rows.")] = 1,
    ) -> ChangeList:
        """Các bản được đưa lên từ ngày ấy, mới trước. / Versions released since then, newest first."""
        found = _or_away(lambda: versions.since(since, kind, limit + 1, (page - 1) * limit))
        return ChangeList.model_validate({"items": found[:limit], "page": page, "has_more": len(found) > limit})

    return api


def _or_away(ask: Any) -> Any:
    try:
        return ask()
    except StoreError as exc:
        raise HTTPException(503) from exc
