"""The versions of one record as steps in time: which one stood on a day, and what came after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from knowledge.history.differences import Difference, differences
from knowledge.model import Procedure
from knowledge.store.history import Version


@dataclass(frozen=True)
class Step:
    """One version and the days for which it is to be told.

    Attributes:
        since: first day: as the record itself states it, else the day (or first of the month) it was first read.
        until: last day, None for the one that stands now.
        is_stated: ``since`` stands in the record; else the change came some time between the reading before and it.
        differences: from the version before, where both are procedures; () for the first.
    """

    version: Version
    since: date
    until: date | None
    is_stated: bool
    differences: tuple[Difference, ...] = ()


def timeline(versions: Sequence[Version]) -> tuple[Step, ...]:
    """Steps in order of time.

    A better reading of the same bytes takes the place of the earlier one, since the source did not change. Of two
    versions that begin on one day the bundled one stands, which an editor went over. A version that says the same as
    the one before in other words is no step.
    """
    kept = _without_misreadings(versions)
    days: dict[date, Version] = {}
    for version in sorted(kept, key=lambda v: (since_of(v), v.origin != "bundled", v.id)):
        days.setdefault(since_of(version), version)
    steps: list[Step] = []
    for since, version in sorted(days.items()):
        changed = _changed(steps, version, kept)
        if steps and changed == () and isinstance(version.record, Procedure):
            steps[-1] = replace(steps[-1], until=version.in_force_to)  # the same rule, whose end may be known by now
            continue
        if steps:
            own_end, before = steps[-1].until, since - timedelta(1)
            steps[-1] = replace(steps[-1], until=min(own_end, before) if own_end else before)
        steps.append(Step(version, since, version.in_force_to, version.in_force_from is not None, changed or ()))
    return tuple(steps)


def as_of(versions: Sequence[Version], day: date) -> Step | None:
    """The step that stood on a day; None before the first reading or after the record's own end."""
    standing = [s for s in timeline(versions) if s.since <= day and (s.until is None or day <= s.until)]
    return standing[-1] if standing else None


def since_of(version: Version) -> date:
    """From when a version is told; see Step.since."""
    return version.in_force_from or first_day(version.read_on) or version.first_seen.date()


def first_day(read_on: str) -> date | None:
    """The day of an ISO day or the first of an ISO month; None for anything else."""
    try:
        return date.fromisoformat(read_on if len(read_on) > 7 else f"{read_on}-01")
    except ValueError:
        return None


def _without_misreadings(versions: Sequence[Version]) -> list[Version]:
    last = {v.raw_digest: v.id for v in sorted(versions, key=lambda v: v.id) if v.raw_digest}
    return [v for v in versions if not v.raw_digest or last[v.raw_digest] == v.id]


def _changed(steps: Sequence[Step], version: Version, versions: Sequence[Version]) -> tuple[Difference, ...] | None:
    """Differences from what stood before, compared like with like: an imported reading with the last imported one
    where there is one, since an editor's words differ from the source's without any change of the rule."""
    if not steps or not isinstance(version.record, Procedure):
        return None
    earlier = [v for v in versions if since_of(v) < since_of(version) and v.origin == version.origin]
    before = max(earlier, key=since_of) if earlier else steps[-1].version
    return differences(before.record, version.record)
