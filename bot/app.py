"""Wires real objects together; the only place that does. Nothing happens at import."""

from __future__ import annotations

import itertools
import logging
import shutil
import signal
import threading
from dataclasses import dataclass, field

import uvicorn
from fastapi import FastAPI

from actions.bootstrap import Wiring, install
from actions.place_answers import PlaceSkill
from actions.server import create_action_router
from actions.turn import Assistant
from bot import rasa_process
from bot.channels import RASA_KEY, channel_parts
from bot.dialogue_content import load_dialogue_content, load_outcomes
from bot.direct import DirectAnswerer
from bot.history_service import ContentHistory, PageHistory, VersionsPort
from bot.knowledge_service import CataloguePort, HealthPort, KnowledgeService, PlansPort, SearchPort
from bot.pipeline import open_store, refresh_index
from bot.rasa_process import RasaError, RasaPaths, RasaProcess
from bot.replica import IndexFollower
from bot.serving import action_url, listen
from bot.settings import REPOSITORY, Settings
from connectors.dialogue_client import RasaDialogue
from connectors.gateway import GatewayDependencies, create_gateway
from connectors.pages.settings import PagesSettings
from connectors.ports import Dialogue
from connectors.settings import DialogueSettings, GatewaySettings
from connectors.store.database import Store, open_engine
from connectors.widget.office_hours import read_office_hours
from connectors.widget.settings import WidgetSettings
from knowledge.index.store import IndexStore
from knowledge.places.resolver import PlaceResolver
from knowledge.places.units import load_units
from knowledge.plan_catalogue import LiveCatalogue
from knowledge.retrieval.config import load_search_config
from knowledge.store.database import ContentDatabase
from nlu.encoder import Encoder, load_encoder
from nlu.intent_classifier import load_or_train
from nlu.tokenizer import tokenize
from nlu.understanding import Understander

log = logging.getLogger(__name__)


@dataclass
class Product:
    """Everything that answers, without the web: what the command line and the gateway share."""

    settings: Settings
    encoder: Encoder
    knowledge: KnowledgeService
    wiring: Wiring
    direct: DirectAnswerer
    history: ContentHistory


def build_product(settings: Settings, encoder: Encoder | None = None) -> Product:
    """Load encoder, index, search configuration and intent classifier.

    Raises:
        NluError, KnowledgeError: a part is missing or damaged; the message says what to do.
    """
    encoder = encoder or load_encoder(settings.encoder)
    knowledge = KnowledgeService(open_store(settings), encoder, load_search_config())
    places = PlaceSkill(PlaceResolver(load_units()))  # half a second, better now than in somebody's first question
    history = ContentHistory(ContentDatabase(open_engine(settings.database)))
    assistant = Assistant(knowledge.searcher, hotline=settings.hotline, places=places, history=history)
    content, turns = load_dialogue_content(), itertools.count()
    wiring = Wiring(assistant, settings.hotline, lambda intent: content.plain_reply(f"utter_{intent}", next(turns)))
    classifier = load_or_train(settings.intents, REPOSITORY / "bot" / "data" / "nlu", encoder)
    direct = DirectAnswerer(Understander(classifier, encoder), wiring, content)
    tokenize("khởi động")  # underthesea loads its model on first use; the first citizen should not wait for it
    return Product(settings, encoder, knowledge, wiring, direct, history)


def open_knowledge(settings: Settings, encoder: Encoder | None = None) -> KnowledgeService:
    """The live index alone, brought up to date first; for searching without dialogue."""
    encoder = encoder or load_encoder(settings.encoder)
    refresh_index(settings, encoder)
    return KnowledgeService(open_store(settings), encoder, load_search_config())


@dataclass
class Server:
    """The gateway and, beside it, Rasa; one parent for both."""

    product: Product
    app: FastAPI
    rasa: RasaProcess | None
    follower: IndexFollower | None = None
    _threads: list[threading.Thread] = field(default_factory=list)

    def run(self) -> None:
        """Serve until told to stop, then end Rasa.

        Raises:
            CommandFailed: the address cannot be listened on.
        """
        settings = self.product.settings
        # uvicorn raises the signal again once it has shut down; unhandled, that would end us before Rasa is.
        signal.signal(signal.SIGTERM, _leave)
        sockets, loopback_port = listen(settings.host, settings.port)
        if self.rasa:
            self.rasa.action_url = action_url(loopback_port)
        self.product.knowledge.watch()
        if self.follower:
            self.follower.follow()
        self._start_rasa()
        config = uvicorn.Config(self.app, settings.host, settings.port, log_level="warning", access_log=False)
        try:
            uvicorn.Server(config).run(sockets)
        finally:
            self.product.knowledge.stop()
            if self.follower:
                self.follower.stop()
            if self.rasa:
                self.rasa.stop()

    def _start_rasa(self) -> None:
        """Train where needed and start, in the background: the gateway answers directly until it is there."""
        if self.rasa is None:
            return
        thread = threading.Thread(target=self._train_and_start, name="rasa-start", daemon=True)
        thread.start()
        self._threads.append(thread)

    def _train_and_start(self) -> None:
        try:
            if rasa_process.train(self.rasa.paths):
                log.info("Rasa was trained anew")
            self.rasa.start()
            if self.rasa.wait_ready():
                log.info("Rasa is ready")
        except RasaError as exc:
            log.error("Rasa is away, answering directly: %s", exc)


def _leave(signal_number: int, frame: object) -> None:
    raise SystemExit(0)


def build_server(settings: Settings, product: Product | None = None) -> Server:
    """Wire the gateway; opens no port and starts nothing."""
    product = product or build_product(settings)
    install(product.wiring)
    secret = settings.secret("actions")
    rasa = _rasa(settings, secret)
    store = Store(settings.database)
    dependencies = GatewayDependencies(
        direct=product.direct,
        searcher=SearchPort(product.knowledge, product.history),
        catalogue=CataloguePort(product.knowledge),
        plan_catalogue=LiveCatalogue(lambda: product.knowledge.searcher().index.plans),
        health=HealthPort(product.knowledge, product.encoder, lambda: shutil.disk_usage(settings.home).free),
        dialogue=_dialogue(settings, rasa),
        store=store,
        channels=channel_parts(settings, store),
        action_router=create_action_router(product.wiring),
        plans=PlansPort(product.knowledge),
        history=PageHistory(product.history),
        versions=VersionsPort(product.history),
    )
    gateway = GatewaySettings(
        question_limit=settings.question_limit,
        rate_limit_per_minute=settings.rate_limit_per_minute,
        action_secret=secret,
        calendar_secret=settings.secret("calendar"),
        province=settings.province,
        embed_origins=settings.embed_origins,
        widget=WidgetSettings(
            hotline=settings.hotline,
            office_hours=read_office_hours(settings.office_hours),
            takes_contacts=settings.takes_contacts,
            has_voice=settings.voice_typing,
            questions_per_minute=settings.session_questions_per_minute,
            shows_gallery=settings.widget_gallery,
            catalogue_path="/tim",
        ),
        pages=PagesSettings(
            public_url=settings.public_url,
            kiosk_idle_s=settings.kiosk_idle_s,
            has_kiosk_printer=settings.kiosk_printer,
            notice_file=settings.notice_file,
        ),
        outcomes=load_outcomes(),
    )
    follower = IndexFollower(settings.index_source, IndexStore(settings.index_root)) if settings.index_source else None
    return Server(product, create_gateway(dependencies, gateway), rasa, follower)


def _rasa(settings: Settings, secret: str) -> RasaProcess | None:
    if not settings.rasa:
        return None
    paths = RasaPaths(settings.home)
    reason = rasa_process.unavailable_reason(paths)
    if reason:
        log.warning("Rasa is away, answering directly without dialogue memory: %s", reason)
        return None
    shared = {"token": settings.secret(RASA_KEY)} if settings.rasa_port else {}  # for `motcua channels work` beside us
    return RasaProcess(paths, action_url(settings.port), action_token=secret, port=settings.rasa_port, **shared)


def _dialogue(settings: Settings, rasa: RasaProcess | None) -> Dialogue | None:
    if rasa is None:
        return None
    dialogue = DialogueSettings(token=rasa.token, timeout_s=settings.rasa_timeout_s)
    return RasaDialogue(dialogue, address=lambda: rasa.address)
