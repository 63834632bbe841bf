"""``motcua doctor``: looks at everything the product needs and names the mend of each fault."""

from __future__ import annotations

import platform
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import httpx

from bot import rasa_process
from bot.errors import BotError
from bot.rasa_process import RasaPaths
from bot.settings import Settings, load_settings

_PACKAGES = ("fastapi", "faiss-cpu", "bm25s", "onnxruntime", "tokenizers", "underthesea", "rasa-sdk", "sqlalchemy")
_MIN_FREE = 1024**3


@dataclass(frozen=True)
class Check:
    """One thing looked at. ``is_fatal``: the product cannot answer without it."""

    name: str
    is_ok: bool
    found: str
    mend: str = ""
    is_fatal: bool = True


def run_checks() -> list[Check]:
    """All checks in order; a broken one is a result, never an exception."""
    try:
        settings = load_settings()
    except BotError as exc:
        return [Check("Cài đặt / settings", False, str(exc), "sửa biến môi trường hoặc .env / correct the variable or .env")]
    steps: list[tuple[str, Callable[[Settings], Check]]] = [
        ("Python", _python),
        ("Gói / packages", _packages),
        ("Đĩa / disk", _disk),
        ("Mô hình / encoder", _encoder),
        ("Chỉ mục / index", _index),
        ("Ý định / intents", _intents),
        ("Rasa", _rasa),
        ("Cơ sở dữ liệu / database", _database),
        ("Đọc ảnh quét / OCR", _ocr),
        ("Cổng / port", _port),
    ]
    return [_run(name, step, settings) for name, step in steps]


def _run(name: str, step: Callable[[Settings], Check], settings: Settings) -> Check:
    try:
        return step(settings)
    except Exception as exc:  # a check that breaks is itself the finding
        return Check(name, False, f"{type(exc).__name__}: {exc}", "xem nhật ký logs/motcua.log / see logs/motcua.log")


def _python(settings: Settings) -> Check:
    is_ok = sys.version_info >= (3, 11)
    return Check("Python", is_ok, platform.python_version(), "cần Python 3.11 trở lên / Python 3.11 or newer: make setup")


def _packages(settings: Settings) -> Check:
    found, missing = [], []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    text = ", ".join(found) + (f"; thiếu / missing: {', '.join(missing)}" if missing else "")
    return Check("Gói / packages", not missing, text, "make setup")


def _disk(settings: Settings) -> Check:
    settings.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.home).free
    mend = "dọn đĩa, cần ít nhất 1 GiB / free at least 1 GiB"
    return Check("Đĩa / disk", free > _MIN_FREE, f"{free / 1024**3:.1f} GiB trống / free", mend, is_fatal=False)


def _encoder(settings: Settings) -> Check:
    from nlu.encoder import load_encoder
    from nlu.errors import NluError

    try:
        encoder = load_encoder(settings.encoder)
        encoder.encode_queries(["đăng ký khai sinh"])
    except NluError as exc:
        return Check("Mô hình / encoder", False, str(exc), "git checkout nlu/models, hoặc bỏ MOTCUA_ENCODER / or unset MOTCUA_ENCODER")
    return Check("Mô hình / encoder", True, f"{encoder.name} {encoder.digest[:12]}, {encoder.dimension}")


def _index(settings: Settings) -> Check:
    from bot.pipeline import open_store
    from knowledge.index.errors import IndexError_
    from nlu.encoder import load_encoder

    try:
        live = open_store(settings).load_current(load_encoder(settings.encoder))
    except IndexError_ as exc:
        return Check("Chỉ mục / index", False, str(exc), "motcua index --force")
    manifest = live.manifest
    found = f"{live.name}: {manifest.n_procedures} thủ tục, {manifest.n_plans} kế hoạch, {manifest.built_at}"
    return Check("Chỉ mục / index", True, found)


def _intents(settings: Settings) -> Check:
    from nlu.errors import ModelError
    from nlu.intent_classifier import load

    try:
        classifier = load(settings.intents)
    except ModelError as exc:
        return Check("Ý định / intents", False, str(exc), "motcua train")
    return Check("Ý định / intents", True, f"{len(classifier.manifest.labels)} ý định / intents")


def _rasa(settings: Settings) -> Check:
    if not settings.rasa:
        return Check("Rasa", False, "tắt bởi MOTCUA_RASA / switched off", "bỏ MOTCUA_RASA=false / unset it", is_fatal=False)
    paths = RasaPaths(settings.home)
    reason = rasa_process.unavailable_reason(paths)
    if reason:
        return Check("Rasa", False, reason, "make setup-rasa", is_fatal=False)
    is_current = rasa_process.is_current(paths, rasa_process.training_fingerprint(paths.repository))
    return Check("Rasa", is_current, "đã huấn luyện / trained" if is_current else "chưa huấn luyện / not trained", "motcua train", is_fatal=False)


def _database(settings: Settings) -> Check:
    from connectors.store.database import Store

    store = Store(settings.database)
    try:
        fault = store.fault()
    finally:
        store.close()
    where = "SQLite" if settings.database.startswith("sqlite") else "PostgreSQL"
    return Check("Cơ sở dữ liệu / database", not fault, fault or where, "kiểm tra MOTCUA_DATABASE_URL / check it", is_fatal=False)


def _ocr(settings: Settings) -> Check:
    """tesseract and its Vietnamese data: needed for scanned .pdf only."""
    from knowledge.sources.ocr import LANGUAGE, languages_of

    name, mend = "Đọc ảnh quét / OCR", "apt-get install tesseract-ocr tesseract-ocr-vie (chỉ cần cho .pdf quét / for scanned .pdf only)"
    program = shutil.which("tesseract")
    if program is None:
        return Check(name, False, "không có tesseract / no tesseract", mend, is_fatal=False)
    languages = languages_of(program)
    found = f"tesseract, ngôn ngữ / languages: {', '.join(languages) or 'không có / none'}"
    return Check(name, LANGUAGE in languages, found, mend, is_fatal=False)


def _port(settings: Settings) -> Check:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
            return Check("Cổng / port", True, f"{settings.host}:{settings.port} trống / free")
        except OSError:
            pass
    return _who_listens(settings)


def _who_listens(settings: Settings) -> Check:
    base = f"http://{settings.host}:{settings.port}"
    try:
        ready = httpx.get(f"{base}/readyz", timeout=2, trust_env=False).json()
        return Check("Cổng / port", True, f"trợ lý đang chạy tại / running at {base}: {ready.get('status')}")
    except (httpx.HTTPError, ValueError):
        mend = "đặt MOTCUA_PORT khác / set another MOTCUA_PORT"
        return Check("Cổng / port", False, f"{base} có chương trình khác dùng / taken by another program", mend)
