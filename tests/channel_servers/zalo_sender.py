"""A process that sends through Zalo OA as soon as it reads a line. For races between processes."""

from __future__ import annotations

import argparse
import asyncio
import sys

from connectors.channels.settings import ZaloOaSettings
from connectors.channels.zalo_oa import ZaloOaChannel
from connectors.messages import OutgoingMessage
from connectors.store.database import Store
from connectors.store.zalo_tokens import ZaloTokenStore
from tests.channel_servers.zalo_oa import APP_ID, APP_SECRET, SEAL


async def send_all(options: argparse.Namespace) -> None:
    settings = ZaloOaSettings(APP_ID, APP_SECRET, api_url=options.server, oauth_url=options.server)
    store = Store(options.database)
    channel = ZaloOaChannel(settings, ZaloTokenStore(store, APP_ID, SEAL))
    await channel.tokens.state()  # the database is open, what is slow to load is loaded
    print("ready", flush=True)
    sys.stdin.readline()
    for n in range(options.count):
        for payload in channel.render(OutgoingMessage("zalo", options.person, f"{options.mark} {n}")):
            await channel.send(payload)
    await channel.aclose()
    store.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--person", required=True)
    parser.add_argument("--mark", required=True)
    parser.add_argument("--count", type=int, default=5)
    asyncio.run(send_all(parser.parse_args()))
