"""``motcua channels …`` against the channels' servers: what was expected, what came, what to do, and never a secret."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels import rasa_of_serve
from bot.cli import main
from bot.settings import Settings
from tests.channel_servers import telegram, zalo_bot, zalo_oa
from tests.channel_servers.courier import Courier
from tests.channel_servers.serving import ChannelServer, running
from tests.channel_servers.telegram import TelegramServer
from tests.channel_servers.zalo_bot import ZaloBotServer
from tests.channel_servers.zalo_oa import ZaloOaServer

pytestmark = pytest.mark.integration
PUBLIC = "https://hoi.example.vn"
SECRET = "a-secret-of-the-tests_01"
NOBODY = "http://127.0.0.1:9"  # the discard port: nobody listens
OTHER_TOKEN = "123456789:TEST-another-token-BBBBBBBBBBBBBBB"
VERIFIER = "verifier-of-the-developer-console"


@dataclass
class Desk:
    """An operator at the command line; ``run`` gives (exit status, all that was printed)."""

    telegram: TelegramServer
    zalo: ZaloOaServer
    zalo_bot: ZaloBotServer
    set: Callable[..., None]
    run: Callable[..., tuple[int, str]]
    refresh_token: str


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)  # no .env of the repository's
    servers = TelegramServer(), ZaloOaServer(), ZaloBotServer()
    with ExitStack() as stack:
        for server in servers:
            stack.enter_context(running(server))
        pair = servers[1].new_pair()
        secrets = {telegram.TOKEN, OTHER_TOKEN, zalo_bot.TOKEN, SECRET, VERIFIER, zalo_oa.APP_SECRET, zalo_oa.OA_SECRET, *pair.values()} - {"90000"}

        def set_(**values: str) -> None:
            for key, value in values.items():
                monkeypatch.setenv(f"MOTCUA_{key.upper()}", value)

        def run(*words: str) -> tuple[int, str]:
            monkeypatch.setattr(sys, "argv", ["motcua", "channels", *words])
            with pytest.raises(SystemExit) as ended:
                main()
            shown = capsys.readouterr()
            printed = shown.out + shown.err
            assert [secret for secret in secrets if secret in printed] == [], "no secret is ever printed"
            assert "Traceback" not in printed
            return int(ended.value.code or 0), printed

        set_(
            home=str(tmp_path), public_url=PUBLIC, channel_mode="auto", database_url="",
            telegram_token=telegram.TOKEN, telegram_secret=SECRET, telegram_api_url=servers[0].url,
            zalo_app_id=zalo_oa.APP_ID, zalo_app_secret=zalo_oa.APP_SECRET, zalo_oa_secret_key=zalo_oa.OA_SECRET,
            zalo_refresh_token=pair["refresh_token"], zalo_access_token=pair["access_token"],
            zalo_api_url=servers[1].url, zalo_oauth_url=servers[1].url,
            zalo_bot_token=zalo_bot.TOKEN, zalo_bot_secret=SECRET, zalo_bot_api_url=servers[2].url,
        )  # fmt: skip
        yield Desk(*servers, set_, run, pair["refresh_token"])


def only(desk: Desk, channel: str) -> None:
    """Leave one channel connected."""
    for key, name in (("telegram_token", "telegram"), ("zalo_app_id", "zalo"), ("zalo_bot_token", "zalo-bot")):
        if name != channel:
            desk.set(**{key: ""})


# set-webhook, and check when all is well


def test_webhooks_are_set_where_there_is_a_call_for_it_and_told_where_not_and_then_all_is_well(desk: Desk) -> None:
    status, printed = desk.run("set-webhook")
    assert status == 0
    assert desk.telegram.webhook["url"] == f"{PUBLIC}/webhooks/telegram" and desk.telegram.webhook["secret"] == SECRET
    assert desk.zalo_bot.webhook == {"url": f"{PUBLIC}/webhooks/zalo-bot", "secret": SECRET}
    assert f"dán {PUBLIC}/webhooks/zalo" in printed, "Zalo OA has no call: what to paste where"
    status, printed = desk.run("check")
    assert status == 0, printed
    assert "✗" not in printed and "@hoi_mot_cua_bot" in printed and f"{PUBLIC}/webhooks/telegram" in printed


def test_one_channel_can_be_named_and_a_webhook_deleted(desk: Desk) -> None:
    assert desk.run("set-webhook", "telegram")[0] == 0
    assert desk.telegram.webhook and not desk.zalo_bot.webhook
    status, printed = desk.run("set-webhook", "telegram", "--delete")
    assert (status, desk.telegram.webhook) == (0, {})
    assert "đã xóa webhook" in printed


def test_an_unknown_channel_is_named_with_those_there_are(desk: Desk) -> None:
    status, printed = desk.run("set-webhook", "viber")
    assert status == 1
    assert "expected channels of telegram, zalo, zalo-bot, got viber" in printed


@pytest.mark.parametrize("wrong", [{"public_url": ""}, {"public_url": "http://hoi.example.vn"}, {"channel_mode": "poll"}])
def test_without_a_public_address_nothing_is_set_and_the_setting_is_named(desk: Desk, wrong: dict[str, str]) -> None:
    desk.set(**wrong)
    status, printed = desk.run("set-webhook")
    assert status == 1 and "MOTCUA_PUBLIC_URL: cần https://TÊN-MIỀN" in printed
    assert (desk.telegram.webhook, desk.zalo_bot.webhook) == ({}, {})


def test_a_webhook_that_a_channel_refuses_fails_and_the_others_are_still_set(desk: Desk) -> None:
    desk.set(telegram_token=OTHER_TOKEN)
    status, printed = desk.run("set-webhook", "telegram", "zalo-bot")
    assert status == 1
    assert "telegram: token:" in printed and "not set: telegram" in printed
    assert desk.zalo_bot.webhook["url"] == f"{PUBLIC}/webhooks/zalo-bot"


# check when something is wrong


def test_a_wrong_token_is_told_with_where_to_get_another(desk: Desk) -> None:
    desk.set(telegram_token=OTHER_TOKEN, zalo_bot_token="4000000000000000004:TEST-a-token-nobody-knows")
    status, printed = desk.run("check")
    assert status == 1
    assert "✗ telegram token: Telegram không nhận token này" in printed and "→ Nhắn @BotFather" in printed
    assert "✗ zalo-bot token: Zalo không nhận token này" in printed and "→ Lấy token ở trang Zalo Bot Creator" in printed
    assert "TEST-a-token-nobody-knows" not in printed


def test_tokens_of_zalo_that_died_are_told_with_how_to_consent_again(desk: Desk) -> None:
    only(desk, "zalo")
    desk.zalo.revoke_all()
    status, printed = desk.run("check")
    assert status == 1
    assert "✗ zalo" in printed and "motcua channels zalo-login" in printed


def test_no_token_of_zalo_yet_is_told(desk: Desk) -> None:
    only(desk, "zalo")
    desk.set(zalo_refresh_token="", zalo_access_token="")
    status, printed = desk.run("check")
    assert status == 1 and "chưa có token nào" in printed and "zalo-login" in printed


def test_a_webhook_to_another_address_is_told_with_what_is_set_and_what_to_run(desk: Desk) -> None:
    desk.run("set-webhook")
    desk.set(public_url="https://moi.example.vn")
    status, printed = desk.run("check")
    assert status == 1
    assert f"Telegram đang gửi tới {PUBLIC}/webhooks/telegram" in printed and "motcua channels set-webhook telegram" in printed
    assert f"Zalo đang gửi tới {PUBLIC}/webhooks/zalo-bot" in printed and "motcua channels set-webhook zalo-bot" in printed


def test_a_webhook_where_we_poll_is_told_with_how_to_delete_it(desk: Desk) -> None:
    desk.run("set-webhook")
    only(desk, "telegram")
    desk.set(public_url="")
    status, printed = desk.run("check")
    assert status == 1 and "nên không hỏi định kỳ được" in printed and "--delete" in printed


def test_channels_out_of_reach_are_told_with_what_has_to_be_open(desk: Desk) -> None:
    desk.set(telegram_api_url=NOBODY, zalo_api_url=NOBODY, zalo_oauth_url=NOBODY, zalo_bot_api_url=NOBODY)
    status, printed = desk.run("check")
    assert status == 1
    for host in ("api.telegram.org", "openapi.zalo.me", "bot-api.zaloplatforms.com"):
        assert f"{host}" in printed, host
    assert printed.count("cổng 443") == 3


def test_a_server_that_answers_nonsense_is_no_success(desk: Desk) -> None:
    only(desk, "zalo-bot")
    desk.zalo_bot.faults.add("garbage", "getMe", times=-1)
    assert desk.run("check")[0] == 1


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [("telegram_token", "not-a-token-at-all", "telegram token"), ("zalo_app_id", "abc", "zalo app_id"), ("telegram_secret", "có dấu", "webhook_secret")],
)
def test_a_malformed_setting_is_named_without_its_value(desk: Desk, key: str, value: str, named: str) -> None:
    desk.set(**{key: value})
    status, printed = desk.run("check")
    assert status == 1 and named in printed and "expected" in printed and value not in printed


@pytest.mark.parametrize("command", ["check", "set-webhook", "work"])
def test_no_channel_at_all_is_told_with_where_to_begin(desk: Desk, command: str) -> None:
    only(desk, "none")
    status, printed = desk.run(command)
    assert status == 1 and "chưa có kênh nào" in printed and "docs/channels.md" in printed


# zalo-login


def test_a_consent_code_becomes_tokens_that_work(desk: Desk) -> None:
    only(desk, "zalo")
    desk.set(zalo_refresh_token="", zalo_access_token="")
    status, printed = desk.run("zalo-login", desk.zalo.new_code(VERIFIER), "--verifier", VERIFIER)
    assert status == 0 and "Đã lưu token" in printed
    assert not [token for token in (*desk.zalo.access_tokens, *desk.zalo.refresh_tokens) if token in printed]
    assert desk.run("check")[0] == 0


def test_a_code_of_another_verifier_is_refused_with_the_reason(desk: Desk) -> None:
    status, printed = desk.run("zalo-login", desk.zalo.new_code(VERIFIER), "--verifier", "another")
    assert status == 1
    assert "Zalo không nhận mã" in printed and "-14003" in printed and "sống 10 phút" in printed


def test_a_login_without_an_application_or_without_a_net_is_told(desk: Desk) -> None:
    desk.set(zalo_oauth_url=NOBODY)
    status, printed = desk.run("zalo-login", "code-x", "--verifier", VERIFIER)
    assert status == 1 and "connection" in printed
    desk.set(zalo_app_id="")
    status, printed = desk.run("zalo-login", "code-x", "--verifier", VERIFIER)
    assert status == 1 and "MOTCUA_ZALO_APP_ID: cần mã ứng dụng Zalo" in printed


# work


class LittleRasa(ChannelServer):
    """Remembers what it was shown as token."""

    name = "rasa"

    def __init__(self) -> None:
        super().__init__(Courier(retry_after_s=(), timeout_s=1))
        self.shown: list[str] = []

    def routes(self) -> list[BaseRoute]:
        return [Route("/", self._answer), Route("/webhooks/rest/webhook", self._answer, methods=["POST"])]

    async def _answer(self, request: Request) -> Response:
        self.shown.append(request.query_params.get("token", "") or request.headers.get("authorization", "").removeprefix("Bearer "))
        return JSONResponse([])


async def test_workers_speak_to_the_rasa_of_serve_where_its_port_is_set(tmp_path: Path) -> None:
    with running(LittleRasa()) as rasa:
        settings = Settings(_env_file=None, home=tmp_path, rasa=True, rasa_port=int(rasa.url.rsplit(":", 1)[1]))
        dialogue = rasa_of_serve(settings)
        assert dialogue is not None and await dialogue.is_alive()
        await dialogue.aclose()
        assert set(rasa.shown) == {settings.secret("rasa")}


@pytest.mark.parametrize("given", [{"rasa_port": 0}, {"rasa": False, "rasa_port": 5005}])
def test_workers_answer_directly_where_rasa_has_no_fixed_port_or_is_off(tmp_path: Path, given: dict[str, object]) -> None:
    assert rasa_of_serve(Settings(_env_file=None, home=tmp_path, **given)) is None
