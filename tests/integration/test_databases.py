"""The database on SQLite and on a real PostgreSQL: schema, migrations, accounts and what is kept of turns."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import inspect

from connectors.inbox.database import InboxDatabase
from connectors.inbox.receiving import MaskedMessage, receive
from connectors.store.accounts import StaffAccounts
from connectors.store.database import Store, open_engine, upgrade_database
from connectors.store.tables import Base
from knowledge.store.database import VERSION_TABLE, ContentDatabase
from tests.channel_path_fakes import event
from tests.postgres import PostgresMissing, running_server

pytestmark = pytest.mark.integration


def test_migrations_make_every_table_of_the_store(any_database_url: str) -> None:
    upgrade_database(any_database_url)
    engine = open_engine(any_database_url)
    made = {name: {column["name"] for column in inspect(engine).get_columns(name)} for name in inspect(engine).get_table_names()}
    engine.dispose()
    for name, table in Base.metadata.tables.items():
        assert made[name] == {column.name for column in table.columns}


def test_upgrading_twice_changes_nothing(any_database_url: str) -> None:
    upgrade_database(any_database_url)
    upgrade_database(any_database_url)


def test_both_schemas_of_one_database_come_up_at_the_same_time(any_database_url: str) -> None:
    store, content = Store(any_database_url), ContentDatabase(open_engine(any_database_url))
    with ThreadPoolExecutor(2) as pool:
        for upgrade in [pool.submit(store.upgrade), pool.submit(content.upgrade)]:
            upgrade.result()
    engine = open_engine(any_database_url)
    assert {VERSION_TABLE, *Base.metadata.tables} <= set(inspect(engine).get_table_names())
    for opened in (engine.dispose, store.close, content.close):
        opened()


def test_accounts_log_in(any_database_url: str) -> None:
    store = Store(any_database_url)
    StaffAccounts(store).add("lan", "một mật khẩu đủ dài", "staff")
    assert store.fault() == ""
    with pytest.raises(Exception, match="lan"):
        StaffAccounts(store).add("lan", "một mật khẩu đủ dài", "staff")
    store.close()


def test_a_server_that_crashed_comes_back_with_what_was_committed() -> None:
    """The soak relies on it; from a thread that ends, as its incidents do."""
    try:
        with running_server(None, "synchronous_commit=on") as server:
            database = InboxDatabase(server.url)
            assert database.run(receive, [MaskedMessage(event("1", "còn nguyên"))], 0.0) == [True]
            crash = threading.Thread(target=server.restart)
            crash.start()
            crash.join()
            assert database.run(receive, [MaskedMessage(event("1", "còn nguyên"))], 0.0) == [False]
            database.close()
    except PostgresMissing as exc:
        pytest.skip(str(exc))
