"""The repository as a whole: pinned requirements, no paths of a machine, statuses that exist, small files."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest
import tomllib
import yaml

ROOT = Path(__file__).resolve().parents[2]
ENCODER = "nlu/models/e5-small-vi-en/model.onnx"
MAX_BYTES = 3_000_000
REQUIREMENTS = sorted([*ROOT.glob("requirements/*.txt"), *ROOT.glob("requirements/*/*.txt")])
OUTCOMES = yaml.safe_load((ROOT / "bot/outcomes.yml").read_text(encoding="utf-8"))
KINDS = ("answered", "clarification", "unanswerable", "refused", "help", "chitchat", "handoff", "tracking", "feedback", "error")
STATUS = re.compile(rf"(?:{'|'.join(KINDS)})_[a-z_]+")
#: Intents, metrics and keys that begin as statuses do.
NO_STATUS = re.compile(r"feedback_totals|error_kind|error_code|error_name")


def tracked() -> list[Path]:
    """Files git knows, so that nothing of this machine's own is looked at."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("no git repository here (an unpacked archive)")
    return [path for name in done.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


# Requirements.


def test_there_are_requirement_files_for_both_environments() -> None:
    names = {p.relative_to(ROOT / "requirements").as_posix() for p in REQUIREMENTS}
    assert {"product.txt", "dev.txt", "rasa/rasa.txt"} <= names


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda p: p.name)
def test_requirements_are_pinned_and_hashed_and_hold_no_address(path: Path) -> None:
    text = text_of(path)
    blocks = re.findall(r"^[^\s#].*(?:\n +.*)*", text, re.MULTILINE)
    assert blocks
    for block in blocks:
        name = block.split("\n")[0]
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,0-9-]+\])?==[^ ]+", name), name
        assert "--hash=sha256:" in block, name
    assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links| @ ", text)


# Paths, addresses, sizes.


def test_no_file_names_a_place_of_this_machine() -> None:
    machine = re.compile(r"(?<![\w.])/(?:work|root|home/[a-z]+)/[\w.-]")
    here = Path(__file__).resolve()
    found = [
        (path.relative_to(ROOT).as_posix(), match.group())
        for path in tracked()
        if path.resolve() != here and path.suffix not in (".onnx", ".png") and (match := machine.search(text_of(path)))
    ]
    assert found == []


def test_every_file_is_small_but_the_encoder() -> None:
    large = {p.relative_to(ROOT).as_posix() for p in tracked() if p.stat().st_size >= MAX_BYTES}
    assert large <= {ENCODER}
    assert (ROOT / ENCODER).stat().st_size <= 32_000_000


def test_no_database_key_or_trained_model_is_in_git() -> None:
    names = [p.relative_to(ROOT).as_posix() for p in tracked()]
    assert [n for n in names if n.endswith((".db", ".sqlite", ".pem", ".key", ".npz", ".tar.gz", ".pyc")) or n == ".env"] == []


# Statuses.


def statuses_in_code() -> dict[str, str]:
    """Every text in our code that has the shape of a status → a file it stands in."""
    found: dict[str, str] = {}
    for room in ("actions", "bot", "connectors"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(text_of(path))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and STATUS.fullmatch(node.value):
                    found.setdefault(node.value, path.relative_to(ROOT).as_posix())
    for name, variants in yaml.safe_load(text_of(ROOT / "bot/domain/responses.yml"))["responses"].items():
        for variant in variants:
            found.setdefault(variant["custom"]["status"], name)
    return {status: where for status, where in found.items() if not NO_STATUS.fullmatch(status)}


def test_every_status_in_code_is_an_outcome() -> None:
    assert {status: where for status, where in statuses_in_code().items() if status not in OUTCOMES} == {}


def test_every_outcome_is_reached_by_some_code() -> None:
    assert set(OUTCOMES) - set(statuses_in_code()) == set()


def test_every_outcome_is_described_and_of_a_known_kind() -> None:
    for status, description in OUTCOMES.items():
        assert STATUS.fullmatch(status), status
        assert isinstance(description, str) and len(description) > 5, status


# Packages.


def test_the_packages_listed_are_those_there_are() -> None:
    listed = set(tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["setuptools"]["packages"])
    for name in listed:
        assert (ROOT / name.replace(".", "/") / "__init__.py").is_file(), name
    there = {
        ".".join(p.parent.relative_to(ROOT).parts)
        for room in ("nlu", "knowledge", "actions", "connectors", "bot")
        for p in (ROOT / room).rglob("__init__.py")
    }
    assert there - listed == set()


def test_python_files_stay_readable() -> None:
    long = {p.relative_to(ROOT).as_posix(): n for p in tracked() if p.suffix == ".py" and (n := text_of(p).count("\n")) > 450}
    assert long == {}


def test_every_test_the_documents_name_exists() -> None:
    named = set(re.findall(r"`(test_[a-z0-9_]+)`", text_of(ROOT / "tests" / "README.md")))
    there = {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert len(named) > 20 and named - there == set()
