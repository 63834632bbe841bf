"""Zalo's OAuth v4: one pair of tokens for all processes, renewed early by exactly one of them.

The access token lives 25 hours. The refresh token lives three months, works once, and is replaced each time; so a
renewal holds a lease in the database, and the new pair is stored before it is used. If Zalo refuses the refresh
token, only a person can consent again: staff are told, answers wait in the outbox.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, Protocol

import httpx

from connectors.channels.http_seam import call_json, for_reading
from connectors.channels.settings import ZaloOaSettings
from connectors.errors import ChannelDown, ChannelError, StoreError
from connectors.store.zalo_tokens import TokenPair, TokenState

log = logging.getLogger(__name__)
ALARM = (
    "Zalo OA: Zalo không nhận mã làm mới (refresh token) nữa nên không gửi được câu trả lời. Câu trả lời được giữ lại. "
    "Người quản trị OA cần cấp quyền lại: xem docs/channels/zalo-oa.md, mục “Cấp quyền”. / Zalo no longer takes the "
    "refresh token; answers wait. An administrator of the OA has to consent again: docs/channels/zalo-oa.en.md."
)
KEY_LOST = (
    "Zalo OA: token trong cơ sở dữ liệu được niêm phong bằng khóa khác với tệp secrets/zalo-tokens của máy này. Chép lại đúng tệp ấy "
    "(từ bản sao lưu, hoặc từ máy đang chạy được), hoặc chạy motcua channels zalo-login để cấp quyền lại. Câu trả lời được giữ lại. / "
    "The tokens in the database are sealed with another key than this machine's secrets/zalo-tokens: put the right file back, or run "
    "motcua channels zalo-login. Answers wait."
)
STORE_TRIES = 5
DEAD_RETRY_S = 600.0  # a refusal may have been Zalo's own fault
FORCED_AGAIN_S = 60.0  # a token younger than this is not renewed again because Zalo refused it
LOOK_AGAIN_S = 300.0  # how long a token is used without asking the database
WAITING = "đang chờ token mới / waiting for a new token"
CODE_HINT = "; mã chỉ dùng một lần và sống 10 phút / a code works once and lives 10 minutes"


class TokenStore(Protocol):
    """As ``connectors.store.zalo_tokens.ZaloTokenStore``: blocking, may raise StoreError."""

    def read(self) -> TokenState | None: ...
    def seed(self, pair: TokenPair, digest: str = "") -> None: ...
    def claim(self, owner: str, version: int, lease_s: float) -> bool: ...
    def keep(self, pair: TokenPair, version: int) -> bool: ...
    def bury(self, version: int, fault: str) -> bool: ...
    def release(self, owner: str) -> None: ...


class TokenKeeper:
    """Hands out an access token that works, as far as anybody can know."""

    def __init__(
        self, settings: ZaloOaSettings, client: httpx.AsyncClient, store: TokenStore, on_alarm: Callable[[str], None] | None = None,
        on_recovered: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        """
        Args:
            on_alarm: staff have to know; called once a process for each state that only a person can mend, so that
                whoever starts later tells it again.
            on_recovered: there is a new pair, so no alarm holds any more.
        """
        self._settings, self._client, self._store = settings, client, store
        self._on_alarm, self._on_recovered = on_alarm or (lambda words: None), on_recovered or (lambda: None)
        self._owner = secrets.token_hex(16)
        self._lease_s = settings.timeout_s + settings.connect_timeout_s + 10
        self._told = ""
        self._turn = asyncio.Lock()
        self._known: tuple[str, float] | None = None
        self._unkept: tuple[TokenPair, int] | None = None
        self._renewal: asyncio.Task[TokenState | None] | None = None

    async def token(self, rejected: str = "") -> str:
        """An access token to use now.

        Args:
            rejected: the one Zalo has just refused, so that it is renewed unless somebody has done so already.

        Raises:
            ChannelDown: there is none now; nothing was sent.
        """
        if self._known is not None and self._known[0] != rejected and time.monotonic() < self._known[1]:
            return self._known[0]
        try:
            async with asyncio.timeout(self._settings.refresh_wait_s), self._turn:
                state = await self._usable_state(rejected)
                self._known = (state.access_token, time.monotonic() + min(LOOK_AGAIN_S, max(0.0, state.life_s)))
                return state.access_token
        except TimeoutError as exc:  # said here, where nothing was sent yet; the caller's own limit would leave that in doubt
            raise ChannelDown("token", WAITING) from exc

    async def state(self) -> TokenState | None:
        """What is kept, with a new seed taken over where there is one. May raise ChannelDown (database)."""
        state = await self._in_thread(self._store.read)
        seed = self._settings.seed_refresh_token
        digest = hashlib.sha256(seed.encode()).hexdigest()
        is_useless = state is None or state.is_dead or not state.is_readable
        if seed and is_useless and (state is None or state.seed_digest != digest):
            # An access token of unknown age is worth a try; Zalo's refusal renews it.
            access = self._settings.seed_access_token
            await self._in_thread(self._store.seed, TokenPair(access, seed, 3_600.0 if access else 0.0), digest)
            self._recovered()
            state = await self._in_thread(self._store.read)
        return state

    async def exchange(self, code: str, verifier: str) -> None:
        """Turn the consent page's code into the first pair.

        Raises:
            ChannelDown: Zalo refused the code, or cannot be reached.
        """
        form = {"code": code, "grant_type": "authorization_code", "code_verifier": verifier}
        pair = _pair_of(answer := await self._ask(form))
        if pair is None:
            raise ChannelDown("token", f"Zalo không nhận mã / Zalo refused the code ({_fault_of(answer)}){CODE_HINT}")
        await self._in_thread(self._store.seed, pair)
        self._known = None

    async def aclose(self) -> None:
        """Let a renewal under way come to its end."""
        if self._renewal is not None:
            await asyncio.gather(self._renewal, return_exceptions=True)

    async def _usable_state(self, rejected: str) -> TokenState:
        await self._keep_what_waits()
        while True:
            state = await self.state()
            if state is not None and not state.is_readable:
                self._tell_key_lost()
            if state is None:
                raise ChannelDown("token", "chưa có token nào / no token yet; run: motcua channels zalo-login")
            if state.is_dead:
                self._tell(ALARM)
            elif self._told:
                self._recovered()  # another process brought the tokens back to life; the next death is told again
            is_good = bool(state.access_token) and state.life_s > 0 and state.access_token != rejected
            is_due = state.age_s >= self._settings.refresh_after_s
            if is_good and (not is_due or state.is_dead):
                return state
            self._refuse_hopeless(state, rejected)
            if await self._in_thread(self._store.claim, self._owner, state.version, self._lease_s):
                # A caller that gives up must not tear a renewal apart: the refresh token works once.
                self._renewal = asyncio.create_task(self._renew(state, is_good))
                renewed = await asyncio.shield(self._renewal)
                if renewed is not None:
                    return renewed
            elif is_good:
                return state  # somebody else is renewing; the old one still works
            await asyncio.sleep(0.1)

    def _tell_key_lost(self) -> NoReturn:
        """Nothing is renewed or overwritten: the right key may come back."""
        if self._told != KEY_LOST:
            log.error("zalo: %s", KEY_LOST)
        self._tell(KEY_LOST)
        raise ChannelDown("token", KEY_LOST)

    def _tell(self, words: str) -> None:
        if self._told != words:
            self._told = words
            self._on_alarm(words)

    def _recovered(self) -> None:
        self._told = ""
        self._on_recovered()

    def _refuse_hopeless(self, state: TokenState, rejected: str) -> None:
        """Some renewals are not worth trying: dead a moment ago, or brand-new and refused already.

        A time that has not come yet is none of a moment ago: this machine's clock was put back.
        """
        if state.is_dead and state.tried_s is not None and 0 <= state.tried_s < DEAD_RETRY_S:
            raise ChannelDown("token", f"refresh token bị từ chối / refused ({state.fault})")
        if rejected and state.access_token == rejected and state.version > 1 and 0 <= state.age_s < FORCED_AGAIN_S:
            raise ChannelDown("token", "Zalo không nhận cả token vừa cấp / Zalo refuses the token it has just given")

    async def _renew(self, state: TokenState, is_good: bool) -> TokenState | None:
        """Under the lease: renew, store, return what is stored; None to look again."""
        try:
            async with asyncio.timeout(self._lease_s - 5):
                answer = await self._ask({"refresh_token": state.refresh_token, "grant_type": "refresh_token"})
        except (ChannelError, TimeoutError) as exc:
            await self._in_thread(self._store.release, self._owner)
            if is_good:
                log.warning("zalo: the token could not be renewed yet; the old one still works")
                return state
            raise ChannelDown("token", "không tới được máy chủ cấp token của Zalo / Zalo's OAuth cannot be reached") from exc
        pair = _pair_of(answer)
        if pair is None:
            await self._refused(state, _fault_of(answer))
            return state if is_good else None
        self._unkept = (pair, state.version)
        await self._keep_what_waits()
        return await self._in_thread(self._store.read)

    async def _keep_what_waits(self) -> None:
        """Store a new pair; it is the only one Zalo knows, so it is tried again until it is stored, and not used before."""
        if self._unkept is None:
            return
        for number in range(STORE_TRIES):
            try:
                await asyncio.to_thread(self._store.keep, *self._unkept)
                self._unkept, self._known = None, None
                self._recovered()
                return
            except StoreError:
                log.critical("zalo: the new token pair cannot be stored (try %d)", number + 1)
                await asyncio.sleep(0.2 * (number + 1))
        raise ChannelDown("token", "token mới chưa ghi được vào cơ sở dữ liệu / the new token cannot be stored yet")

    async def _refused(self, state: TokenState, fault: str) -> None:
        """Zalo said no. If another process renewed meanwhile, no harm is done; else staff have to know."""
        if await self._in_thread(self._store.bury, state.version, fault):
            log.error("zalo: refresh token refused (%s); somebody has to consent again", fault)
            self._tell(ALARM)

    async def _ask(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        try:
            return await call_json(
                self._client, "POST", self._settings.oauth_url.rstrip("/") + "/v4/oa/access_token",
                data={**form, "app_id": self._settings.app_id}, headers={"secret_key": self._settings.app_secret},
            )  # fmt: skip
        except ChannelError as exc:
            raise for_reading(exc) from exc

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return await asyncio.to_thread(work, *arguments)
        except StoreError as exc:
            raise ChannelDown("store", "cơ sở dữ liệu không đọc được / the database cannot be used") from exc


def _pair_of(answer: Mapping[str, Any]) -> TokenPair | None:
    """The pair, wherever it stands in the answer; ``expires_in`` comes as text or number."""
    found = answer.get("data") if isinstance(answer.get("data"), dict) else answer
    access, refresh = found.get("access_token"), found.get("refresh_token")
    if not isinstance(access, str) or not isinstance(refresh, str) or not access or not refresh:
        return None
    try:
        life_s = float(found.get("expires_in", 90_000))
    except (TypeError, ValueError):
        life_s = 90_000.0  # 25 hours, as documented
    return TokenPair(access, refresh, life_s)


def _fault_of(answer: Mapping[str, Any]) -> str:
    """Zalo's code and its name for it; neither holds a secret."""
    name = answer.get("error_name") or answer.get("message") or ""
    return f"{answer.get('error', '?')} {name}"[:64].strip()
