"""Progress bars for work that takes longer than a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_NAMES = {
    "files": "Tệp / files",
    "records": "Bản ghi / records",
    "words": "Từ khóa / words",
    "diacritics": "Dấu tiếng Việt / diacritics",
    "vectors titles": "Vectơ tên gọi / vectors of names",
    "vectors digests": "Vectơ tóm tắt / vectors of digests",
    "vectors plans": "Vectơ kế hoạch / vectors of plans",
    "done": "Xong / done",
}


@contextmanager
def stage_bars(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """Give a callback (stage, done, total) that draws one bar a stage."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    tasks = {}
    with Progress(*columns, console=console, transient=True) as progress:

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                for task in tasks.values():
                    progress.update(task, completed=progress.tasks[task].total)
                tasks[stage] = progress.add_task(_NAMES.get(stage, stage), total=total)
            progress.update(tasks[stage], completed=done, total=total)

        yield report
