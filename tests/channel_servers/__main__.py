"""``python -m tests.channel_servers telegram --port 9101``: a server as a process of its own, steered by ``/_control``."""

from __future__ import annotations

import argparse
import json
import signal
import threading

from tests.channel_servers.serving import ChannelServer
from tests.channel_servers.telegram import TelegramServer
from tests.channel_servers.zalo_bot import ZaloBotServer
from tests.channel_servers.zalo_oa import ZaloOaServer


def main() -> None:
    options = _options()
    server = _make(options)
    server.start(options.port)
    ready = {"name": server.name, "url": server.url}
    if isinstance(server, ZaloOaServer):
        ready["pair"] = server.new_pair()
    print(json.dumps(ready), flush=True)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    ended.wait(options.seconds)
    server.stop()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.channel_servers", description=__doc__)
    parser.add_argument("channel", choices=("telegram", "zalo-oa", "zalo-bot"))
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one; the first line printed names it")
    parser.add_argument("--webhook", default="", help="zalo-oa: where events go (the others are told by setWebhook)")
    parser.add_argument("--seconds", type=float, default=3_600, help="ends by itself after this long")
    return parser.parse_args()


def _make(options: argparse.Namespace) -> ChannelServer:
    if options.channel == "telegram":
        return TelegramServer()
    if options.channel == "zalo-bot":
        return ZaloBotServer()
    server = ZaloOaServer()
    server.webhook_url = options.webhook
    return server


if __name__ == "__main__":
    main()
