"""``motcua notice``: on, shown, off, and refused with one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from connectors.errors import SettingsError


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOTCUA_HOME", str(tmp_path / "home"))
    return lambda *words: CliRunner().invoke(app, ["notice", *words])


def test_notice_is_turned_on_shown_and_off(run) -> None:
    assert "Không có thông báo" in run("show").output
    assert "[đỏ] tạm nghỉ" in run("on", "[đỏ] tạm nghỉ").output
    assert "[đỏ] tạm nghỉ" in run("show").output
    assert "Đã tắt" in run("off").output
    assert "Không có thông báo" in run("off").output


def test_notice_without_words_is_refused(run) -> None:
    result = run("on", "  ")
    assert result.exit_code != 0 and isinstance(result.exception, SettingsError)
    assert "Không có thông báo" in run("show").output
