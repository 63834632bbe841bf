"""Imports point one way, heavy libraries stay in their rooms, and importing does nothing."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("nlu", "knowledge", "actions", "connectors", "bot")
MAY_IMPORT = {
    "nlu": {"nlu"},
    "knowledge": {"nlu", "knowledge"},
    "actions": {"nlu", "knowledge", "actions"},
    "connectors": {"nlu", "knowledge", "connectors"},
    "bot": set(ROOMS),
}
#: Library → where it may be imported (path prefixes).
HOMES = {
    "rasa": ("nlu/components/", "bot/rasa_"),  # bot/rasa_*.py run in Rasa's own process
    "rasa_sdk": ("actions/",),
    "faiss": ("knowledge/index/",),
    "bm25s": ("knowledge/index/",),
    "sqlalchemy": ("connectors/store/", "connectors/inbox/", "knowledge/store/", "knowledge/index/pgvectors.py", "bot/serving.py"),
    "pgvector": ("knowledge/index/pgvectors.py",),
    "alembic": ("connectors/store/", "knowledge/store/"),
    "onnxruntime": ("nlu/",),
    "tokenizers": ("nlu/",),
    "underthesea": ("nlu/",),
    "sentence_transformers": ("nlu/",),
    "torch": ("nlu/",),
    "typer": ("bot/cli.py",),
    "fastapi": ("connectors/", "actions/server.py", "bot/app.py"),
}
FILES = sorted(p.relative_to(ROOT) for room in ROOMS for p in (ROOT / room).rglob("*.py"))
#: Imported by no module of ours and loaded by nothing at import time.
HEAVY = ("onnxruntime", "torch", "underthesea", "sentence_transformers", "transformers", "rasa", "sklearn")
#: Run inside Rasa or by Alembic only.
ELSEWHERE = ("nlu/components/", "bot/rasa_tracker_store.py", "connectors/store/migrations/", "knowledge/store/migrations/")


def imports_of(path: Path) -> set[str]:
    """Dotted names of every import in a file, also those inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: import by full dotted name"
            names.add(node.module or "")
    return names


def test_there_is_something_to_look_at() -> None:
    assert {path.parts[0] for path in FILES} == set(ROOMS)
    assert "knowledge.model" in imports_of(Path("actions/answers.py"))


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_one_way(room: str) -> None:
    crossing = {
        (str(path), name)
        for path in FILES
        if path.parts[0] == room
        for name in imports_of(path)
        if name.split(".")[0] in set(ROOMS) - MAY_IMPORT[room]
    }
    assert crossing == set()


def test_no_room_imports_tests_or_scripts() -> None:
    found = {(str(p), n) for p in FILES for n in imports_of(p) if n.split(".")[0] in ("tests", "scripts", "bench")}
    assert found == set()


@pytest.mark.parametrize("library", HOMES)
def test_a_library_stays_in_its_room(library: str) -> None:
    users = [path.as_posix() for path in FILES if library in {name.split(".")[0] for name in imports_of(path)}]
    assert [user for user in users if not user.startswith(HOMES[library])] == []
    if library not in ("torch",):
        assert users, f"nobody imports {library}: this rule says nothing"


def test_the_launcher_imports_nothing_of_ours() -> None:
    assert not {n for n in imports_of(Path("bot/rasa_launcher.py")) if n.split(".")[0] in ROOMS}


PROBE = """
import builtins, importlib, io, json, os, sys
root = sys.argv[1]
opened, guard = [], {"on": False}
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        path = os.fsdecode(arguments[0])
        if path.startswith(root) and not path.endswith((".py", ".pyc")) and "/." not in path[len(root):] and "__pycache__" not in path:
            opened.append(path[len(root) + 1:])
    if event in ("socket.connect", "subprocess.Popen"):
        opened.append(event)
sys.path.insert(0, root)
sys.dont_write_bytecode = True
sys.addaudithook(hook)
for name in sys.argv[2].split(","):
    importlib.import_module(name)
print(json.dumps({"opened": opened, "loaded": sorted(set(sys.argv[3].split(",")) & set(sys.modules))}))
"""


def module_names() -> list[str]:
    names = []
    for path in FILES:
        if not path.as_posix().startswith(ELSEWHERE):
            parts = path.with_suffix("").parts
            names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return names


def test_importing_every_module_loads_no_model_opens_no_file_and_calls_nobody() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROBE, str(ROOT), ",".join(module_names()), ",".join(HEAVY)],
        capture_output=True, text=True, timeout=120, cwd="/",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {"opened": [], "loaded": []}
