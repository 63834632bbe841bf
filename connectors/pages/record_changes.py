"""What differs between two readings of one procedure, named as citizens name it."""

from __future__ import annotations

from knowledge.model import Procedure

#: Field of the record → its name; several fields may share one.
NAMES = {
    "name": "tên", "field": "lĩnh vực", "levels": "cấp giải quyết", "agency": "cơ quan thực hiện", "authority": "cơ quan có thẩm quyền",
    "place": "nơi nộp", "applicants": "ai được làm", "documents": "giấy tờ", "steps": "các bước", "conditions": "điều kiện",
    "legal_basis": "căn cứ pháp lý", "result": "kết quả", "forms": "biểu mẫu", "online_level": "mức độ trực tuyến",
    "decision_number": "quyết định công bố",
}  # fmt: skip


def changed_parts(before: Procedure, after: Procedure) -> tuple[str, ...]:
    """Names of what differs, in the order of a page; times and fees are told apart. () for no difference."""
    changed = [name for field, name in NAMES.items() if _plain(getattr(before, field)) != _plain(getattr(after, field))]
    if _times(before) != _times(after):
        changed.append("thời gian")
    if _fees(before) != _fees(after):
        changed.append("phí, lệ phí")
    return tuple(changed)


def _times(procedure: Procedure) -> set[tuple[str, str]]:
    return {(given.channel, _plain(given.time)) for given in procedure.submissions}


def _fees(procedure: Procedure) -> set[tuple[str, str]]:
    return {(given.channel, _plain("; ".join(given.fees))) for given in procedure.submissions}


def _plain(value: object) -> str:
    """Spaces and letter case are no change of substance."""
    return " ".join(str(value).split()).lower()
