"""``motcua channels work`` without its knowledge, as a process: answers repeat the question. Reads the product's settings."""

from __future__ import annotations

import asyncio

from prometheus_client import CollectorRegistry

from bot.channels import channel_parts, work_until_told
from bot.figures import serving_figures
from bot.settings import load_settings
from connectors.channel_path import ChannelPath
from connectors.store.database import Store
from nlu.privacy import mask_personal_data
from tests.channel_path_fakes import EchoFlow


def main() -> None:
    settings = load_settings()
    store = Store(settings.database)
    registry = CollectorRegistry()
    path = ChannelPath(channel_parts(settings, store), EchoFlow(), mask_personal_data, registry)
    with serving_figures(registry, settings.channel_metrics_port):
        asyncio.run(work_until_told(path))
    store.close()


if __name__ == "__main__":
    main()
