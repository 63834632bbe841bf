"""The database: migrations, recording, and what happens when it is broken."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from connectors.ask_flow import Turn
from connectors.errors import StoreError
from connectors.models import AskResponse
from connectors.store.database import Store, open_engine, upgrade_database
from connectors.store.records import (
    StoreRecorder,
    feedback_totals,
    keep_question,
    list_questions,
    set_question_state,
)
from connectors.store.tables import Base
from tests.unit.connectors.fakes import reply


def turn(status: str, question: str = "cấp phép bay", **context: str) -> Turn:
    return Turn(question, AskResponse.model_validate({**reply(status), "session_id": "s"}), context)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'sub' / 'motcua.db'}")


def test_migrations_build_exactly_the_tables_of_the_models(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    url = f"sqlite:///{tmp_path / 'm.db'}"
    upgrade_database(url)
    upgrade_database(url)
    with create_engine(url).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_sqlite_runs_in_wal_with_patience(tmp_path: Path) -> None:
    with open_engine(f"sqlite:///{tmp_path / 'm.db'}").connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() > 0


def test_database_of_a_newer_program_is_refused_with_a_reason(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'm.db'}"
    upgrade_database(url)
    with sqlite3.connect(tmp_path / "m.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer than this program"):
        upgrade_database(url)


def test_damaged_file_is_refused_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "m.db").write_bytes(b"no database at all " * 200)
    with pytest.raises(StoreError, match="not a database"):
        upgrade_database(f"sqlite:///{tmp_path / 'm.db'}")


@pytest.mark.parametrize("url", ["", "motcua.db", "mongodb://h/x"])
def test_address_of_no_database_names_what_was_expected(url: str) -> None:
    with pytest.raises(StoreError, match="expected sqlite:///"):
        Store(url)


def test_same_question_counts_up_and_opens_again(store: Store) -> None:
    keep_question(store, "Cấp phép bay", "unanswerable_not_found", ["1.000894"])
    rows, _ = list_questions(store, "open", 0, 10)
    assert set_question_state(store, rows[0].id, "closed")
    keep_question(store, "cấp  phép bay", "unanswerable_not_found", [])
    rows, total = list_questions(store, "open", 0, 10)
    assert (total, rows[0].count, rows[0].text) == (1, 2, "Cấp phép bay")


def test_dossier_code_never_reaches_the_store(store: Store) -> None:
    keep_question(store, "hồ sơ H25.12-260701-0042 sao chưa xong", "unanswerable_not_found", [])
    rows, _ = list_questions(store, "open", 0, 10)
    assert "260701" not in rows[0].text


@pytest.mark.parametrize(("status", "n_kept"), [("unanswerable_not_found", 1), ("answered_silent", 1), ("answered_aspect", 0), ("chitchat_abuse", 0)])
def test_only_questions_without_full_answer_are_kept(store: Store, status: str, n_kept: int) -> None:
    StoreRecorder(store).record(turn(status))
    assert list_questions(store, "open", 0, 10)[1] == n_kept


def test_feedback_keeps_the_subject_and_no_words(store: Store, tmp_path: Path) -> None:
    recorder = StoreRecorder(store)
    recorder.record(turn("feedback_positive", "hay lắm", procedure_code="1.001193", aspect="fee"))
    recorder.record(turn("feedback_negative", "dở"))
    assert feedback_totals(store) == (1, 1)
    with sqlite3.connect(tmp_path / "sub" / "motcua.db") as connection:
        rows = connection.execute("SELECT rating, procedure_code, aspect FROM feedback ORDER BY id").fetchall()
    assert rows == [(1, "1.001193", "fee"), (-1, "", "")]


def test_dead_database_is_logged_once_a_minute_and_nothing_raises(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    recorder = StoreRecorder(Store(f"sqlite:///{tmp_path}"))
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            recorder.record(turn("unanswerable_not_found"))
    assert len([line for line in caplog.records if "could not be recorded" in line.getMessage()]) == 1
    assert "cấp phép bay" not in caplog.text


def test_database_that_comes_back_is_used_again(tmp_path: Path) -> None:
    now = [0.0]
    blocked = tmp_path / "m.db"
    blocked.mkdir()
    store = Store(f"sqlite:///{blocked}", clock=lambda: now[0])
    assert store.fault()
    blocked.rmdir()
    assert store.fault(), "the next try comes only after a pause"
    now[0] = 61.0
    assert store.fault() == ""


def test_tables_exist_after_the_first_use(store: Store, tmp_path: Path) -> None:
    assert store.fault() == ""
    names = set(inspect(create_engine(f"sqlite:///{tmp_path / 'sub' / 'motcua.db'}")).get_table_names())
    assert {"open_question", "feedback", "staff_account", "staff_session"} <= names
