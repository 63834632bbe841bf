"""Zalo's tokens: renewed early and once, stored before they are used, by one process alone; dead ones are told."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text as sql

from connectors.channels import zalo_oa_tokens
from connectors.channels.settings import ZaloOaSettings
from connectors.channels.zalo_oa import ZaloOaChannel
from connectors.channels.zalo_oa_tokens import TokenKeeper
from connectors.errors import ChannelDown, StoreError
from connectors.messages import OutgoingMessage
from connectors.store.database import Store
from connectors.store.sealing import Seal, is_sealed
from connectors.store.tables import utc_now
from connectors.store.zalo_tokens import TokenPair, ZaloTokenStore
from tests.channel_servers.serving import running
from tests.channel_servers.zalo_oa import APP_ID, APP_SECRET, OA_SECRET, SEAL, ZaloOaServer

pytestmark = pytest.mark.integration
PERSON = "4572947693969771653"
REPOSITORY = Path(__file__).resolve().parents[2]
N_PROCESSES, N_MESSAGES = 2, 5
OTHER_SEAL = Seal("B" * 42 + "A")


class WatchingServer(ZaloOaServer):
    """Notes for each new token it sees whether the database held it by then."""

    def __init__(self) -> None:
        super().__init__()
        self.store: ZaloTokenStore | None = None
        self.was_stored: dict[str, bool] = {}

    def _check_token(self, headers: Mapping[str, str]) -> None:
        token = headers.get("access_token", "")
        if self.store is not None and token not in self.was_stored:
            state = self.store.read()
            self.was_stored[token] = state is not None and state.access_token == token
        super()._check_token(headers)


@pytest.fixture
def server() -> Iterator[WatchingServer]:
    with running(WatchingServer()) as server:
        server.last_interaction[PERSON] = server.now()
        yield server


@pytest.fixture
def database(any_database_url: str) -> Iterator[Store]:
    database = Store(any_database_url)
    yield database
    database.close()


@pytest.fixture
def store(database: Store) -> ZaloTokenStore:
    return ZaloTokenStore(database, APP_ID, SEAL)


def settings_for(server: ZaloOaServer, **more: Any) -> ZaloOaSettings:
    given = {"api_url": server.url, "oauth_url": server.url, "timeout_s": 10.0, "refresh_wait_s": 5.0, **more}
    return ZaloOaSettings(APP_ID, APP_SECRET, OA_SECRET, **given)


def seed(server: ZaloOaServer, store: ZaloTokenStore) -> dict[str, str]:
    pair = server.new_pair()
    store.seed(TokenPair(pair["access_token"], pair["refresh_token"], float(pair["expires_in"])))
    return pair


@contextmanager
def opened(settings: ZaloOaSettings, store: Any, alarms: list[str] | None = None) -> Iterator[ZaloOaChannel]:
    yield ZaloOaChannel(settings, store, (alarms if alarms is not None else []).append)


async def say(channel: ZaloOaChannel, text: str) -> None:
    for payload in channel.render(OutgoingMessage("zalo", PERSON, text)):
        await channel.send(payload)


def renewals(server: ZaloOaServer) -> list[Any]:
    return [call["outcome"] for call in server.calls_of("oauth/refresh_token")]


def shown(server: ZaloOaServer) -> list[str]:
    return [message["text"] for message in server.sent]


async def test_a_young_token_is_used_and_not_renewed(server: WatchingServer, store: ZaloTokenStore) -> None:
    seed(server, store)
    with opened(settings_for(server), store) as channel:
        await say(channel, "một")
        await say(channel, "hai")
    assert (shown(server), renewals(server)) == (["một", "hai"], [])


async def test_an_old_token_is_renewed_before_it_expires_and_stored_before_it_is_used(server: WatchingServer, store: ZaloTokenStore) -> None:
    old = seed(server, store)
    server.store = store
    with opened(settings_for(server, refresh_after_s=0.05), store) as channel:
        await asyncio.sleep(0.1)
        await say(channel, "một")
    assert renewals(server) == ["ok"]
    assert old["access_token"] not in server.was_stored
    assert list(server.was_stored.values()) == [True]
    assert old["refresh_token"] in server.spent_refresh_tokens


@pytest.mark.parametrize("code", [-216, -220])
async def test_a_refused_token_is_renewed_once_and_the_message_shown_once(server: WatchingServer, store: ZaloTokenStore, code: int) -> None:
    seed(server, store)
    server.faults.add("error", "v3.0/message/cs", code=code)
    with opened(settings_for(server), store) as channel:
        await say(channel, "một")
    assert (shown(server), renewals(server)) == (["một"], ["ok"])


async def test_a_token_refused_again_after_its_renewal_is_not_renewed_for_ever(server: WatchingServer, store: ZaloTokenStore) -> None:
    seed(server, store)
    server.faults.add("error", "v3.0/message/cs", code=-216, times=-1)
    with opened(settings_for(server), store) as channel:
        for _ in range(4):
            with pytest.raises(ChannelDown) as down:
                await say(channel, "một")
            assert down.value.code == "token"
    assert (shown(server), renewals(server)) == ([], ["ok"])


async def test_many_messages_at_once_renew_an_expired_token_once(server: WatchingServer, store: ZaloTokenStore) -> None:
    seed(server, store)
    server.expire_tokens()
    with opened(settings_for(server), store) as channel:
        await asyncio.gather(*(say(channel, f"{n}") for n in range(20)))
    assert sorted(shown(server), key=int) == [str(n) for n in range(20)]
    assert renewals(server) == ["ok"]


def test_processes_that_race_renew_an_expired_token_once(server: WatchingServer, store: ZaloTokenStore, any_database_url: str) -> None:
    seed(server, store)
    server.expire_tokens()
    command = [
        sys.executable, "-m", "tests.channel_servers.zalo_sender", "--server", server.url, "--database", any_database_url,
        "--person", PERSON, "--count", str(N_MESSAGES),
    ]  # fmt: skip
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": REPOSITORY}
    racers = [subprocess.Popen([*command, "--mark", f"p{n}"], **pipes) for n in range(N_PROCESSES)]
    try:
        assert [racer.stdout.readline() for racer in racers] == ["ready\n"] * N_PROCESSES
        for racer in racers:
            racer.stdin.write("go\n")
            racer.stdin.flush()
        assert [racer.wait(timeout=100) for racer in racers] == [0] * N_PROCESSES
    finally:
        for racer in racers:
            racer.kill()
            racer.communicate()
    assert renewals(server) == ["ok"]
    assert sorted(shown(server)) == sorted(f"p{p} {n}" for p in range(N_PROCESSES) for n in range(N_MESSAGES))


async def test_a_renewal_left_by_a_process_that_died_is_taken_over(
    server: WatchingServer, store: ZaloTokenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(server, store)
    server.expire_tokens()
    assert store.claim("a process that died", version=1, lease_s=0.5)
    with opened(settings_for(server), store) as channel:
        await say(channel, "một")
    assert (shown(server), renewals(server)) == (["một"], ["ok"])


async def test_a_lease_held_by_another_keeps_us_waiting_not_renewing(server: WatchingServer, store: ZaloTokenStore) -> None:
    seed(server, store)
    server.expire_tokens()
    assert store.claim("another process", version=1, lease_s=60)
    with opened(settings_for(server, refresh_wait_s=0.3), store) as channel, pytest.raises(ChannelDown):
        await say(channel, "một")
    assert renewals(server) == []


async def test_a_dead_refresh_token_is_told_to_staff_once_and_not_tried_again_at_once(
    server: WatchingServer, store: ZaloTokenStore, caplog: pytest.LogCaptureFixture
) -> None:
    seed(server, store)
    server.revoke_all()
    alarms: list[str] = []
    with opened(settings_for(server), store, alarms) as channel:
        for _ in range(3):
            with pytest.raises(ChannelDown):
                await say(channel, "một")
        first = (await channel.check())[0]
    assert renewals(server) == [-14014]
    assert len(alarms) == 1 and "cấp quyền lại" in alarms[0]
    assert not first.is_ok and "zalo-login" in first.mend
    assert [r for r in caplog.records if r.levelno >= logging.ERROR and "consent" in r.getMessage()]


async def test_tokens_that_die_again_after_somebody_consented_elsewhere_are_told_again(
    server: WatchingServer, store: ZaloTokenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``zalo-login`` is another process: it clears the alarm, and this one has to notice."""
    monkeypatch.setattr(zalo_oa_tokens, "FORCED_AGAIN_S", 0.0)  # it happens the day after
    seed(server, store)
    alarms: list[str] = []
    with opened(settings_for(server), store, alarms) as channel:
        for text, is_dead in (("một", True), ("hai", False), ("ba", True)):
            server.revoke_all() if is_dead else seed(server, store)
            with pytest.raises(ChannelDown) if is_dead else nullcontext():
                await say(channel, text)
    assert (shown(server), len(alarms)) == (["hai"], 2)


async def test_an_oauth_server_that_hangs_leaves_no_message_in_doubt(server: WatchingServer, store: ZaloTokenStore) -> None:
    """The messages wait for their token one behind the other, and the worker gives each of them 40 seconds."""
    seed(server, store)
    server.expire_tokens()
    server.faults.add("slow", "oauth/*", seconds=6.0, times=-1)
    with opened(settings_for(server, refresh_wait_s=0.3), store) as channel:
        async with asyncio.timeout(4.0):
            fates = await asyncio.gather(*(say(channel, f"tin {n}") for n in range(20)), return_exceptions=True)
        assert {(type(fate), getattr(fate, "code", "")) for fate in fates} == {(ChannelDown, "token")}
    assert shown(server) == []


def put_clock(patch: pytest.MonkeyPatch, ahead: timedelta) -> None:
    """SQLite has this machine's clock."""
    patch.setattr("connectors.store.zalo_tokens.utc_now", lambda: utc_now() + ahead)


@pytest.mark.parametrize("ahead", [timedelta(minutes=10), timedelta(days=1)], ids=str)
async def test_a_clock_put_back_stops_no_renewal(tmp_path: Path, server: WatchingServer, monkeypatch: pytest.MonkeyPatch, ahead: timedelta) -> None:
    store = ZaloTokenStore(Store(f"sqlite:///{tmp_path / 'm.db'}"), APP_ID, SEAL)
    seed(server, store)
    with opened(settings_for(server), store) as channel:
        for text, clock in (("một", ahead), ("hai", timedelta())):  # the second pair was kept by the fast clock
            put_clock(monkeypatch, clock)
            server.expire_tokens()
            await say(channel, text)
    assert (shown(server), renewals(server)) == (["một", "hai"], ["ok", "ok"])


async def test_a_refusal_noted_by_a_fast_clock_is_tried_again(tmp_path: Path, server: WatchingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ZaloTokenStore(Store(f"sqlite:///{tmp_path / 'm.db'}"), APP_ID, SEAL)
    seed(server, store)
    server.expire_tokens()
    put_clock(monkeypatch, timedelta(days=1))
    store.bury(1, "Zalo's own fault")
    put_clock(monkeypatch, timedelta())
    with opened(settings_for(server), store) as channel:
        await say(channel, "một")
    assert shown(server) == ["một"]


async def test_a_new_seed_brings_dead_tokens_back_to_life(server: WatchingServer, store: ZaloTokenStore) -> None:
    seed(server, store)
    server.revoke_all()
    with opened(settings_for(server), store) as channel, pytest.raises(ChannelDown):
        await say(channel, "một")
    fresh = server.new_pair()["refresh_token"]
    for text in ("hai", "ba"):  # the second start finds the same seed, spent by then, and does not take it
        with opened(settings_for(server, seed_refresh_token=fresh), store) as channel:
            await say(channel, text)
    assert shown(server) == ["hai", "ba"]
    assert renewals(server) == [-14014, "ok"]


async def test_an_access_token_still_good_is_used_while_its_refresh_token_is_dead(server: WatchingServer, store: ZaloTokenStore) -> None:
    seed(server, store)
    server.refresh_tokens.clear()
    alarms: list[str] = []
    with opened(settings_for(server, refresh_after_s=0.01), store, alarms) as channel:
        await asyncio.sleep(0.05)
        await say(channel, "một")
        await say(channel, "hai")
    assert shown(server) == ["một", "hai"]
    assert len(alarms) == 1
    with opened(settings_for(server), store, alarms) as channel:  # the process that was told may have died of it
        await say(channel, "ba")
    assert len(alarms) == 2


@pytest.mark.parametrize("fault", ["status", "slow", "garbage", "drop"])
async def test_an_oauth_server_in_trouble_kills_no_token(server: WatchingServer, store: ZaloTokenStore, fault: str) -> None:
    seed(server, store)
    server.faults.add(fault, "oauth/*", seconds=1.5)
    alarms: list[str] = []
    with opened(settings_for(server, refresh_after_s=0.01, timeout_s=1.0), store, alarms) as channel:
        await asyncio.sleep(0.05)
        await say(channel, "một")
        assert shown(server) == ["một"]
    server.expire_tokens()
    with opened(settings_for(server), store, alarms) as channel:
        server.faults.add(fault, "oauth/*", seconds=1.5)
        if fault != "slow":  # a slow answer has been given all the same: that pair is lost with it
            with pytest.raises(ChannelDown):
                await say(channel, "hai")
            await say(channel, "ba")
            assert shown(server)[-1] == "ba"
            assert alarms == []


async def test_a_new_pair_that_cannot_be_stored_yet_is_neither_used_nor_lost(
    server: WatchingServer, store: ZaloTokenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(server, store)
    server.expire_tokens()
    full = {"is": True}

    class FullDisk:
        def __getattr__(self, name: str) -> Any:
            def keep(*arguments: Any) -> bool:
                if full["is"]:
                    raise StoreError("disk full")
                return store.keep(*arguments)

            return keep if name == "keep" else getattr(store, name)

    monkeypatch.setattr(zalo_oa_tokens, "STORE_TRIES", 2)
    server.store = store
    with opened(settings_for(server), FullDisk()) as channel:
        with pytest.raises(ChannelDown):
            await say(channel, "một")
        assert shown(server) == []
        full["is"] = False
        await say(channel, "hai")
    assert (shown(server), renewals(server)) == (["hai"], ["ok"])
    assert list(server.was_stored.values())[-1] is True


async def test_a_caller_that_gives_up_does_not_tear_a_renewal_apart(server: WatchingServer, store: ZaloTokenStore) -> None:
    seed(server, store)
    server.expire_tokens()
    server.faults.add("slow_after", "oauth/*", seconds=0.4)
    with opened(settings_for(server), store) as channel:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await say(channel, "một")
        await channel.tokens.aclose()
        await say(channel, "hai")
    assert (shown(server), renewals(server)) == (["hai"], ["ok"])


async def test_the_consent_pages_code_becomes_the_first_pair(server: WatchingServer, store: ZaloTokenStore) -> None:
    code = server.new_code("verifier-of-the-console")
    async with httpx.AsyncClient() as client:
        keeper = TokenKeeper(settings_for(server), client, store)
        with pytest.raises(ChannelDown, match="zalo-login"):
            await keeper.token()
        await keeper.exchange(code, "verifier-of-the-console")
        assert await keeper.token() in server.access_tokens
        with pytest.raises(ChannelDown, match="10 phút"):
            await keeper.exchange(code, "verifier-of-the-console")


async def test_an_application_that_must_prove_itself_does(server: WatchingServer, store: ZaloTokenStore) -> None:
    seed(server, store)
    server.needs_proof = True
    with opened(settings_for(server), store) as channel:
        checks = {check.name: check for check in await channel.check()}
        assert "MOTCUA_ZALO_PROOF" in checks["account"].mend
    with opened(settings_for(server, proof=True), store) as channel:
        await say(channel, "một")
    assert shown(server) == ["một"]


# Sealed at rest


def columns(database: Store) -> tuple[str, str]:
    with database.session() as session:
        return tuple(session.execute(sql("SELECT access_token, refresh_token FROM zalo_token")).one())


async def test_no_token_stands_in_the_database_in_clear_text(server: WatchingServer, store: ZaloTokenStore, database: Store) -> None:
    pair = seed(server, store)
    assert all(is_sealed(each) and token not in each for each in columns(database) for token in (pair["access_token"], pair["refresh_token"]))
    server.expire_tokens()
    with opened(settings_for(server), store) as channel:
        await say(channel, "một")
    state = store.read()
    assert state is not None and state.access_token != pair["access_token"], "renewed"
    assert all(is_sealed(each) and state.refresh_token not in each for each in columns(database))


async def test_a_row_kept_in_clear_text_before_is_read_and_sealed(server: WatchingServer, store: ZaloTokenStore, database: Store) -> None:
    pair = seed(server, store)
    with database.session() as session:
        clear = {"a": pair["access_token"], "r": pair["refresh_token"]}
        session.execute(sql("UPDATE zalo_token SET access_token = :a, refresh_token = :r"), clear)
    with opened(settings_for(server), store) as channel:
        await say(channel, "một")
    assert (shown(server), renewals(server)) == (["một"], [])
    assert all(map(is_sealed, columns(database)))
    state = store.read()
    assert state is not None and (state.access_token, state.refresh_token, state.version) == (pair["access_token"], pair["refresh_token"], 1)


async def test_a_lost_key_is_told_touches_nothing_and_is_mended_by_the_right_one(
    server: WatchingServer, store: ZaloTokenStore, database: Store, caplog: pytest.LogCaptureFixture
) -> None:
    pair, alarms = seed(server, store), []
    before = columns(database)
    with opened(settings_for(server), ZaloTokenStore(database, APP_ID, OTHER_SEAL), alarms) as channel:
        for words in ("một", "hai"):
            with pytest.raises(ChannelDown, match="zalo-login"):
                await say(channel, words)
        checks = await channel.check()
    assert len(alarms) == 1 and "secrets/zalo-tokens" in alarms[0]
    assert not checks[0].is_ok and "secrets/zalo-tokens" in checks[0].found
    assert columns(database) == before and renewals(server) == [] and pair["refresh_token"] not in caplog.text
    with opened(settings_for(server), store) as channel:
        await say(channel, "ba")
    assert shown(server) == ["ba"]


async def test_after_a_lost_key_consent_starts_anew(server: WatchingServer, store: ZaloTokenStore, database: Store) -> None:
    seed(server, store)
    anew = ZaloTokenStore(database, APP_ID, OTHER_SEAL)
    with opened(settings_for(server), anew) as channel:
        await channel.tokens.exchange(server.new_code("verifier"), "verifier")
        await say(channel, "một")
    assert shown(server) == ["một"]


async def test_after_a_lost_key_a_new_seed_is_taken_and_a_spent_one_is_not(server: WatchingServer, store: ZaloTokenStore, database: Store) -> None:
    first = server.new_pair()["refresh_token"]
    with opened(settings_for(server, seed_refresh_token=first), store) as channel:
        await say(channel, "một")
    anew = ZaloTokenStore(database, APP_ID, OTHER_SEAL)
    with opened(settings_for(server, seed_refresh_token=first), anew) as channel, pytest.raises(ChannelDown, match="secrets/zalo-tokens"):
        await say(channel, "hai")
    with opened(settings_for(server, seed_refresh_token=server.new_pair()["refresh_token"]), anew) as channel:
        await say(channel, "ba")
    assert shown(server) == ["một", "ba"]
