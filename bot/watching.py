"""``motcua ingest --watch``: takes in what changes below the roots, as soon as nothing has changed there for a moment.

The system tells of changes on its own disks only, and what failed (a database that is away) sends no event when it is
well again; so the roots are looked at from time to time as well.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

import bot.pipeline
from bot import ingesting
from bot.errors import CommandFailed
from bot.pipeline import all_roots, open_ingest
from bot.progress import stage_bars
from bot.settings import Settings
from knowledge.errors import KnowledgeError
from knowledge.ingest.report import IngestOutcome
from knowledge.ingest.scan import STILL_WRITTEN
from knowledge.sources.files import is_furniture
from nlu.encoder import Encoder

_TICK_MS = 500
_QUIET_S = 3.0  # several files are copied at once: one release for all of them
_LOOK_AGAIN_S = 300.0
_RETRY_S = 30.0


def watch_roots(
    settings: Settings, encoder: Encoder, paths: Sequence[Path], out: Console, err: Console, stop: threading.Event | None = None
) -> None:  # fmt: skip
    """Take in now and whenever something below the roots has changed, until interrupted.

    Args:
        paths: to be watched beside what was taken in before; a folder may be empty.

    Raises:
        SourceError: a path does not exist.
        CommandFailed: nothing to watch, or the system takes no more watches.
    """
    stop = stop or threading.Event()
    with open_ingest(settings, encoder) as ingest:
        ingest.files.add_roots(str(path) for path in ingesting.existing(paths))
        roots = all_roots(settings, ingest)
        if not roots:
            raise CommandFailed("watch: expected folders to watch; came none; name one: motcua ingest --watch FOLDER")
    watch = _Watch(settings, encoder, out, err, roots)
    while not stop.is_set():
        places = watch.places()
        out.print(f"Đang theo dõi / watching: {', '.join(path.name for path in places) or '–'} (Ctrl-C)", highlight=False, markup=False)
        try:
            is_interrupted = watch.follow(places, _ticks(places, stop))
        except OSError as exc:
            raise CommandFailed(f"watch: expected the system to tell of changes; came: {exc}; raise fs.inotify.max_user_watches") from exc
        if is_interrupted:
            return


def when_to_look(ticks: Iterable[Iterable[object]], clock: Callable[[], float], after_s: Callable[[], float]) -> Iterator[bool]:
    """A value each time the roots are to be looked at: at the first tick, when changes have come to rest, and
    ``after_s()`` after the last look; True where something had changed.

    Args:
        ticks: the changes since the last tick, empty where there were none.
    """
    changed_at = looked_at = None
    for changes in ticks:
        now = clock()
        if changes:
            changed_at = now
        is_at_rest = changed_at is not None and now - changed_at >= _QUIET_S
        if looked_at is None or is_at_rest or now - looked_at >= after_s():
            yield changed_at is not None
            changed_at, looked_at = (None if is_at_rest else changed_at), clock()


@dataclass
class _Watch:
    """One run of the command; ``told`` is what was printed last, so that nothing is repeated every few minutes."""

    settings: Settings
    encoder: Encoder
    out: Console
    err: Console
    roots: Sequence[Path]
    told: object = None
    look_again_s: float = _LOOK_AGAIN_S

    def follow(self, places: dict[Path, int], ticks: Iterable[Iterable[object]]) -> bool:
        """Look whenever it is time; False as soon as the places to watch are others, True when the ticks end."""
        for has_changed in when_to_look(ticks, time.monotonic, lambda: self.look_again_s):
            self._look(has_changed)
            if self.places() != places:
                return False
        return True

    def places(self) -> dict[Path, int]:
        """Roots that are there, with their inodes: a folder that was made anew is another one."""
        return {root: inode for root in self.roots if (inode := _inode_of(root)) is not None}

    def _look(self, has_changed: bool) -> None:
        try:
            outcome = self._take_in()
        except (KnowledgeError, OSError) as exc:
            self.look_again_s = _RETRY_S
            if self.told != str(exc):
                self.out.print(f"motcua: {exc}", style="red", highlight=False, markup=False, soft_wrap=True)
            self.told = str(exc)
            return
        faults = [line.fault for line in outcome.files if line.fault]
        self.look_again_s = _QUIET_S if STILL_WRITTEN in faults else _LOOK_AGAIN_S
        news = (outcome.state, faults, outcome.findings)
        if has_changed or outcome.state == "live" or self.told != news:
            ingesting.show(outcome, self.settings, self.out)
        self.told = news

    def _take_in(self) -> IngestOutcome:
        with open_ingest(self.settings, self.encoder) as ingest, stage_bars(self.err) as report:
            self.roots = all_roots(self.settings, ingest)
            return replace(ingest, settle_s=_QUIET_S).run(bot.pipeline.load_bundled(), self.roots, report)


def _inode_of(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:  # away: the ingest says so and keeps what it gave
        return None


def _ticks(places: Iterable[Path], stop: threading.Event) -> Iterator[Iterable[object]]:
    from watchfiles import watch

    places = tuple(places)
    if places:
        yield from watch(
            *places, watch_filter=lambda _, name: not is_furniture(Path(name)), debounce=_TICK_MS, step=_TICK_MS // 5,
            rust_timeout=_TICK_MS, yield_on_timeout=True, stop_event=stop, raise_interrupt=False,
        )  # fmt: skip
        return
    while not stop.wait(_TICK_MS / 1000):
        yield ()
