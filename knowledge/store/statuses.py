"""The status of every version, worked out when a release goes live."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from knowledge.history.relations import replacements
from knowledge.model import Plan
from knowledge.store.records import from_json
from knowledge.store.tables import Reading, RecordVersion, ReleaseFile, utc_now

_AT_ONCE = 400


def mark_statuses(session: Session, release_id: int, today: date | None = None) -> None:
    """In a release, the latest reading of a record is current and its others are superseded; a plan whose period has
    passed has ended, one that another plan replaces is superseded by it. What was live and is no longer: superseded
    where its record is still there, else ended. What never was live stays a draft.
    """
    today = today or date.today()
    in_release = _versions_in(session, release_id)
    plan_status, replaced_by = _plans(session, in_release, today)
    present = {key for key, _, _ in in_release.values()}
    winners = _winners(in_release)
    wanted: dict[int, tuple[str, str]] = {}
    rows = session.execute(
        select(RecordVersion.id, RecordVersion.kind, RecordVersion.record_id, RecordVersion.status, RecordVersion.replaced_by, RecordVersion.first_live)
    )
    now_live = []
    for version_id, kind, record_id, status, by, first_live in rows:
        if version_id in in_release:
            new = plan_status.get(version_id, "current") if version_id in winners else "superseded"
            if first_live is None:
                now_live.append(version_id)
        elif first_live is None:
            new = "draft"
        else:
            new = "superseded" if (kind, record_id) in present else "ended"
        if (new, replaced_by.get(version_id, "")) != (status, by):
            wanted[version_id] = (new, replaced_by.get(version_id, ""))
    _write(session, wanted, now_live)


def _versions_in(session: Session, release_id: int) -> dict[int, tuple[tuple[str, str], str, int]]:
    """Version id → ((kind, record id), latest reading date in the release, rank: 0 for the first merged)."""
    rows = session.execute(
        select(RecordVersion.id, RecordVersion.kind, RecordVersion.record_id, RecordVersion.last_read_on, ReleaseFile.position)
        .join(Reading, Reading.version_id == RecordVersion.id)
        .join(ReleaseFile, (ReleaseFile.file_id == Reading.file_id) & (ReleaseFile.batch == Reading.batch))
        .where(ReleaseFile.release_id == release_id)
        .order_by(ReleaseFile.position, Reading.position)
    )
    found: dict[int, tuple[tuple[str, str], str, int]] = {}
    for version_id, kind, record_id, read_on, position in rows:
        found.setdefault(version_id, ((kind, record_id), read_on, position))
    return found


def _winners(in_release: dict[int, tuple[tuple[str, str], str, int]]) -> set[int]:
    """The version that library.build_library lets win for each record: the later read, on a tie the first merged."""
    best: dict[tuple[str, str], tuple[str, int]] = {}
    for version_id, (key, read_on, _) in in_release.items():
        if key not in best or read_on > best[key][0]:
            best[key] = (read_on, version_id)
    return {version_id for _, version_id in best.values()}


def _plans(session: Session, in_release: dict[int, tuple], today: date) -> tuple[dict[int, str], dict[int, str]]:
    """Status of the release's plans that are not simply current, and the number of what replaced each."""
    ids = [version_id for version_id, (key, _, _) in in_release.items() if key[0] == "plan"]
    plans: dict[int, Plan] = {}
    for start in range(0, len(ids), _AT_ONCE):
        rows = session.execute(select(RecordVersion.id, RecordVersion.record).where(RecordVersion.id.in_(ids[start : start + _AT_ONCE])))
        plans |= {version_id: from_json("plan", text) for version_id, text in rows}
    by = replacements(plans.values()).by
    status, replaced_by = {}, {}
    for version_id, plan in plans.items():
        if plan.id in by:
            status[version_id], replaced_by[version_id] = "superseded", by[plan.id].number or by[plan.id].id
        elif plan.is_expired(today):
            status[version_id] = "ended"
    return status, replaced_by


def _write(session: Session, wanted: dict[int, tuple[str, str]], now_live: list[int]) -> None:
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for version_id, values in wanted.items():
        groups[values].append(version_id)
    for (status, replaced_by), ids in groups.items():
        for start in range(0, len(ids), _AT_ONCE):
            chosen = RecordVersion.id.in_(ids[start : start + _AT_ONCE])
            session.execute(update(RecordVersion).where(chosen).values(status=status, replaced_by=replaced_by))
    for start in range(0, len(now_live), _AT_ONCE):
        chosen = RecordVersion.id.in_(now_live[start : start + _AT_ONCE])
        session.execute(update(RecordVersion).where(chosen).values(first_live=utc_now()))
