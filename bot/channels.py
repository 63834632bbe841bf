"""Telegram and Zalo as the settings describe them, and what ``motcua channels`` does with them."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Sequence
from functools import partial

from rich.console import Console

from bot.errors import CommandFailed
from bot.figures import serving_figures
from bot.settings import Settings
from connectors.channel_path import ChannelParts, ChannelPath, ConnectedChannel, PathSettings
from connectors.channels.base import Channel
from connectors.errors import ChannelError, StoreError
from connectors.inbox import letters
from connectors.inbox.database import InboxDatabase
from connectors.metrics import Metrics
from connectors.ports import Dialogue
from connectors.store.database import Store

log = logging.getLogger(__name__)
TOKEN_KEY = "zalo-tokens"  # one for all machines that share a database
RASA_KEY = "rasa"  # what processes of this machine show Rasa where it has a fixed port
NONE_SET = (
    "chưa có kênh nào: điền MOTCUA_TELEGRAM_TOKEN, MOTCUA_ZALO_APP_ID hoặc MOTCUA_ZALO_BOT_TOKEN vào .env, xem docs/channels.md"
    " / no channel is set: see docs/channels.en.md"
)


def channel_parts(settings: Settings, store: Store) -> ChannelParts:
    """Everything the gateway needs of channels; opens nothing.

    Raises:
        SettingsError: names the setting that is wrong, never a secret.
    """
    database = InboxDatabase(settings.database)
    path = PathSettings(settings.keep_days, settings.channel_answering, carry_links(settings), settings.keep_questions_days)
    return ChannelParts(database, connected_channels(settings, store, database), path)


def connected_channels(settings: Settings, store: Store, database: InboxDatabase) -> list[ConnectedChannel]:
    """The channels whose token is set. Without a public https address Telegram and Zalo Bot are asked for messages."""
    is_polled = not has_webhooks(settings)
    connected = []
    if settings.telegram_token:
        connected.append(ConnectedChannel(_telegram(settings), is_polled))
    if settings.zalo_app_id:
        connected.append(ConnectedChannel(_zalo_oa(settings, store, database)))
    if settings.zalo_bot_token:
        connected.append(ConnectedChannel(_zalo_bot(settings), is_polled))
    return connected


def has_webhooks(settings: Settings) -> bool:
    if settings.channel_mode != "auto":
        return settings.channel_mode == "webhook"
    return settings.public_url.startswith("https://")


def webhook_url(settings: Settings, channel: str) -> str:
    """The address a channel calls; "" where it is asked instead."""
    return f"{settings.public_url.rstrip('/')}/webhooks/{channel}" if has_webhooks(settings) else ""


def carry_links(settings: Settings) -> tuple[tuple[str, str], ...]:
    """(title, address) of the channels a conversation can move to; ``{code}`` stands for the code."""
    links = []
    if settings.telegram_token and settings.telegram_username:
        links.append(("Telegram", f"https://t.me/{settings.telegram_username}?start={{code}}"))
    if settings.zalo_app_id and settings.zalo_oa_id:
        links.append(("Zalo", f"https://zalo.me/{settings.zalo_oa_id}"))
    return tuple(links)


def check_channels(settings: Settings, console: Console) -> bool:
    """Ask every channel about token and webhook; prints, and returns whether all is well."""
    return asyncio.run(_check_all(settings, console))


def set_webhooks(settings: Settings, names: Sequence[str], console: Console, is_deleting: bool = False) -> None:
    """Tell channels our address, or that there is none. Raises CommandFailed where one refuses; the others are still told."""
    if not is_deleting and (not has_webhooks(settings) or not settings.public_url):
        raise CommandFailed(
            "MOTCUA_PUBLIC_URL: cần https://TÊN-MIỀN của máy chủ, và MOTCUA_CHANNEL_MODE không phải poll / "
            "expected the server's https://DOMAIN, and MOTCUA_CHANNEL_MODE other than poll"
        )
    asyncio.run(_set_all(settings, names, console, is_deleting))


def log_in_to_zalo(settings: Settings, code: str, verifier: str) -> None:
    """Turn the consent page's code into the first pair of tokens. Raises CommandFailed."""
    asyncio.run(_log_in(settings, code, verifier))


def rasa_of_serve(settings: Settings) -> Dialogue | None:
    """The dialogue engine that ``motcua serve`` runs on this machine, where its port is set; else answers are direct.

    It is not started here, and need not be up: an engine that is away costs a direct answer.
    """
    from connectors.dialogue_client import RasaDialogue
    from connectors.settings import DialogueSettings

    if not settings.rasa or not settings.rasa_port:
        return None
    url = f"http://127.0.0.1:{settings.rasa_port}"
    return RasaDialogue(DialogueSettings(base_url=url, token=settings.secret(RASA_KEY), timeout_s=settings.rasa_timeout_s))


def work(settings: Settings, console: Console) -> None:
    """Answer and send without serving the web, until told to stop; several such processes may run beside each other.

    Raises:
        CommandFailed: no channel is set, or the port for figures is taken.
    """
    store = Store(settings.database)
    parts = channel_parts(settings, store)
    if not parts.connected:  # said before the model is loaded
        raise CommandFailed(NONE_SET)
    metrics = Metrics()
    with serving_figures(metrics.registry, settings.channel_metrics_port):
        _work(settings, parts, store, metrics, console)


def _work(settings: Settings, parts: ChannelParts, store: Store, metrics: Metrics, console: Console) -> None:
    from bot.app import build_product
    from connectors.ask_flow import AskFlow
    from connectors.settings import GatewaySettings
    from nlu.privacy import mask_personal_data

    product = build_product(settings)
    dialogue = rasa_of_serve(settings)
    flow = AskFlow(dialogue, product.direct, mask_personal_data, GatewaySettings(question_limit=settings.question_limit), metrics)
    path = ChannelPath(parts, flow, mask_personal_data, metrics.registry)
    product.knowledge.watch()
    console.print(f"Đang trả lời / answering: {', '.join(path.channels)} (Ctrl-C)", highlight=False)
    try:
        asyncio.run(work_until_told(path, dialogue))
    finally:
        product.knowledge.stop()
        store.close()


async def work_until_told(path: ChannelPath, dialogue: Dialogue | None = None) -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await path.start()
    await told.wait()
    await path.stop()
    if dialogue is not None:
        await dialogue.aclose()


async def _check_all(settings: Settings, console: Console) -> bool:
    channels = _opened(settings)
    checks = [(channel.name, check) for channel in channels for check in await channel.check()]
    await _close(channels)
    for name, check in checks:
        console.print("[green]✓[/] " if check.is_ok else "[red]✗[/] ", end="")
        console.print(f"{name} {check.name}: {check.found}", highlight=False, markup=False, soft_wrap=True)
        if not check.is_ok and check.mend:
            console.print(f"    → {check.mend}", highlight=False, markup=False, soft_wrap=True)
    return all(check.is_ok for _, check in checks)


async def _set_all(settings: Settings, names: Sequence[str], console: Console, is_deleting: bool) -> None:
    channels = _opened(settings)
    unknown = set(names) - {channel.name for channel in channels}
    if unknown:
        raise CommandFailed(f"expected channels of {', '.join(c.name for c in channels)}, got {', '.join(sorted(unknown))}")
    refused = []
    for channel in channels:
        if names and channel.name not in names:
            continue
        address = "" if is_deleting else webhook_url(settings, channel.name)
        try:
            await channel.set_webhook(address)
            console.print(f"{channel.name}: {address or 'đã xóa webhook / webhook deleted'}", highlight=False, markup=False, soft_wrap=True)
        except ChannelError as exc:
            console.print(f"{channel.name}: {str(exc).removeprefix('manual: ')}", highlight=False, markup=False, soft_wrap=True)
            refused += [] if exc.code == "manual" else [channel.name]  # manual: it says what to do by hand
    await _close(channels)
    if refused:
        raise CommandFailed(f"chưa đặt được / not set: {', '.join(refused)}")


async def _log_in(settings: Settings, code: str, verifier: str) -> None:
    if not settings.zalo_app_id:
        raise CommandFailed("MOTCUA_ZALO_APP_ID: cần mã ứng dụng Zalo / expected the Zalo application's id; none is set")
    store = Store(settings.database)
    database = InboxDatabase(settings.database)
    channel = _zalo_oa(settings, store, database)
    try:
        await channel.tokens.exchange(code, verifier)
        await asyncio.to_thread(database.run, letters.clear_alarm, "zalo", "token")
    except ChannelError as exc:
        raise CommandFailed(str(exc)) from exc
    finally:
        await channel.aclose()
        database.close()
        store.close()


def _opened(settings: Settings) -> list[Channel]:
    store = Store(settings.database)
    channels = [each.channel for each in connected_channels(settings, store, InboxDatabase(settings.database))]
    if not channels:
        raise CommandFailed(NONE_SET)
    return channels


async def _close(channels: Sequence[Channel]) -> None:
    for channel in channels:
        await channel.aclose()


def _telegram(settings: Settings) -> Channel:
    from connectors.channels.settings import TelegramSettings
    from connectors.channels.telegram import TelegramChannel

    return TelegramChannel(
        TelegramSettings(
            token=settings.telegram_token,
            webhook_secret=settings.telegram_secret or settings.secret("telegram-webhook"),
            api_url=settings.telegram_api_url,
            public_url=webhook_url(settings, "telegram"),
            username=settings.telegram_username,
            per_second=settings.telegram_per_second,
            per_chat_5s=settings.telegram_per_chat_5s,
            per_group_minute=settings.telegram_per_group_minute,
        )
    )


def _zalo_oa(settings: Settings, store: Store, database: InboxDatabase):
    from connectors.channels.settings import ZaloOaSettings
    from connectors.channels.zalo_oa import ZaloOaChannel
    from connectors.store.sealing import Seal
    from connectors.store.zalo_tokens import ZaloTokenStore

    tasks: set[asyncio.Task[None]] = set()

    def note(work: Callable[..., None], *words: str) -> None:
        task = asyncio.get_running_loop().create_task(_note_alarm(database, work, *words))
        tasks.add(task)  # the loop alone would let it be collected
        task.add_done_callback(tasks.discard)

    return ZaloOaChannel(
        ZaloOaSettings(
            app_id=settings.zalo_app_id,
            app_secret=settings.zalo_app_secret,
            oa_secret_key=settings.zalo_oa_secret_key,
            seed_refresh_token=settings.zalo_refresh_token,
            seed_access_token=settings.zalo_access_token,
            api_url=settings.zalo_api_url,
            oauth_url=settings.zalo_oauth_url,
            public_url=webhook_url(settings, "zalo"),
            proof=settings.zalo_proof,
            template_type=settings.zalo_template_type,
            button_query=settings.zalo_button_query,
            staff_needs_admin_id=settings.zalo_staff_needs_admin_id,
            per_minute=settings.zalo_per_minute,
        ),
        ZaloTokenStore(store, settings.zalo_app_id, Seal(settings.secret(TOKEN_KEY))),
        on_alarm=partial(note, letters.raise_alarm),
        on_recovered=partial(note, letters.clear_alarm),
    )


async def _note_alarm(database: InboxDatabase, work: Callable[..., None], *words: str) -> None:
    try:
        await database.arun(work, "zalo", "token", *words)
    except StoreError as exc:
        log.critical("channel=zalo: staff could not be told of the state of tokens: %s", exc)


def _zalo_bot(settings: Settings) -> Channel:
    from connectors.channels.settings import ZaloBotSettings
    from connectors.channels.zalo_bot import ZaloBotChannel

    return ZaloBotChannel(
        ZaloBotSettings(
            token=settings.zalo_bot_token,
            webhook_secret=settings.zalo_bot_secret or settings.secret("zalo-bot-webhook"),
            api_url=settings.zalo_bot_api_url,
            public_url=webhook_url(settings, "zalo-bot"),
            per_second=settings.zalo_bot_per_second,
        )
    )
