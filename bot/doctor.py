"""``motcua doctor``: looks at everything the product needs and names the mend of each fault."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bot import rasa_process
from bot.errors import BotError, CommandFailed
from bot.locked_packages import differences, installed_beside, installed_versions, locked_versions
from bot.rasa_process import RasaPaths
from bot.serving import check_port, local_url
from bot.settings import REPOSITORY, Settings, load_settings

_SHOWN = ("fastapi", "faiss-cpu", "bm25s", "onnxruntime", "tokenizers", "underthesea", "rasa-sdk", "sqlalchemy")
_SHOWN_OF_RASA = ("rasa", "tensorflow", "onnxruntime", "tokenizers", "underthesea")
_MOST_SHOWN = 6  # differences of a list that may be as long as the lock file
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
        ("Gói của Rasa / Rasa's packages", _rasa_packages),
        ("Cổng của Rasa / Rasa's port", _rasa_port),
        ("Cơ sở dữ liệu / database", _database),
        ("Đọc ảnh quét / OCR", _ocr),
        ("Cổng / port", _port),
        ("Đang chạy / running", _running),
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
    name, path = "Gói / packages", REPOSITORY / "requirements" / "product.txt"
    return _compared(name, path, installed_versions(), _SHOWN, "rm -rf .venv/.stamps && make setup", python=platform.python_version())


def _compared(name: str, path: Path, installed: dict[str, str], shown: tuple[str, ...], mend: str, python: str) -> Check:
    """Every package of a lock file against what is installed; a missing one is fatal, another version is not."""
    there = ", ".join(f"{each} {installed[each]}" for each in shown if each in installed)
    try:
        locked = locked_versions(path, {"python_full_version": python, "python_version": ".".join(python.split(".")[:2])})
    except OSError:
        return Check(name, False, f"{there}; không có / no {path.name}", "chạy từ kho mã nguồn / run from the repository", is_fatal=False)
    found = differences(locked, installed)
    if not found:
        return Check(name, True, f"{there}; {len(locked)} gói đúng bản đã khóa / packages as locked")
    more = f"; … {len(found) - _MOST_SHOWN} gói nữa / more" if len(found) > _MOST_SHOWN else ""
    return Check(name, False, "; ".join(found[:_MOST_SHOWN]) + more, mend, is_fatal=not set(locked) <= set(installed))


def _disk(settings: Settings) -> Check:
    name = "Đĩa / disk"
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.home):
            pass
    except OSError as exc:
        mend = "cho quyền ghi thư mục MOTCUA_HOME, hoặc đặt MOTCUA_HOME khác / make MOTCUA_HOME writable, or set another"
        return Check(name, False, f"không ghi được / cannot write: {settings.home} ({exc.strerror})", mend)
    free = shutil.disk_usage(settings.home).free
    mend = "dọn đĩa, cần ít nhất 1 GiB / free at least 1 GiB"
    return Check(name, free > _MIN_FREE, f"{free / 1024**3:.1f} GiB trống / free", mend, is_fatal=False)


def _encoder(settings: Settings) -> Check:
    from nlu.encoder import load_encoder
    from nlu.errors import NluError

    try:
        encoder = load_encoder(settings.encoder)
        encoder.encode_queries(["đăng ký khai sinh"])
    except NluError as exc:
        mend = "sửa hoặc bỏ MOTCUA_ENCODER / correct or unset MOTCUA_ENCODER" if settings.encoder else "git checkout nlu/models"
        return Check("Mô hình / encoder", False, str(exc), mend)
    return Check("Mô hình / encoder", True, f"{encoder.name} {encoder.digest[:12]}, {encoder.dimension}")


def _index(settings: Settings) -> Check:
    from bot.pipeline import open_store
    from knowledge.index.errors import IndexError_
    from nlu.encoder import load_encoder
    from nlu.errors import NluError

    try:
        live = open_store(settings).load_current(load_encoder(settings.encoder))
    except NluError:
        mend = "sửa mô hình trước (dòng trên) / mend the encoder first (line above)"
        return Check("Chỉ mục / index", False, "chưa xem được vì thiếu mô hình / not looked at: it needs the encoder", mend)
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


def _rasa_packages(settings: Settings) -> Check:
    name, paths = "Gói của Rasa / Rasa's packages", RasaPaths(settings.home)
    if not settings.rasa or rasa_process.unavailable_reason(paths):
        return Check(name, True, "không dùng / not used")  # the line before says why and what to do
    mend = "rm -rf .venv-rasa && make setup-rasa"
    try:
        python, installed = installed_beside(paths.python)
    except (OSError, subprocess.SubprocessError) as exc:
        return Check(name, False, f"{paths.python}: {type(exc).__name__}", mend, is_fatal=False)
    lock = paths.repository / "requirements" / "rasa" / "rasa.txt"
    check = _compared(name, lock, installed, _SHOWN_OF_RASA, mend, python)
    return Check(name, check.is_ok, f"Python {python}; {check.found}", check.mend, is_fatal=False)


def _rasa_port(settings: Settings) -> Check:
    """Rasa takes a free port in the stead of a taken one; nobody should have to wonder who has it."""
    name, port = "Cổng của Rasa / Rasa's port", settings.rasa_port
    if not settings.rasa or port == 0:
        return Check(name, True, "không dùng / not used" if not settings.rasa else "tự chọn cổng trống / picks a free one")
    if rasa_process.is_free(port):
        return Check(name, True, f"127.0.0.1:{port} trống / free")
    ready = _readiness(settings)
    if ready and ready.get("parts", {}).get("rasa", {}).get("ok") and _is_rasa(port):
        return Check(name, True, f"127.0.0.1:{port}: Rasa của trợ lý đang chạy / the running assistant's Rasa")
    found = f"127.0.0.1:{port} có chương trình khác dùng; Rasa sẽ lấy cổng khác / taken by another program, Rasa takes another port"
    mend = "tắt chương trình ấy, hoặc đặt MOTCUA_RASA_PORT khác hay 0 / end that program, or set MOTCUA_RASA_PORT to another port or 0"
    return Check(name, False, found, mend, is_fatal=False)


def _is_rasa(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", timeout=2, trust_env=False).text.startswith("Hello from Rasa")
    except httpx.HTTPError:
        return False


def _database(settings: Settings) -> Check:
    from connectors.errors import StoreError
    from connectors.store.database import Store

    name, where = "Cơ sở dữ liệu / database", "SQLite" if settings.database.startswith("sqlite") else "PostgreSQL"
    mend = "kiểm tra MOTCUA_DATABASE_URL: địa chỉ, quyền ghi / check it: the address, the right to write"
    if not settings.database_url:
        mend = f"cho quyền ghi / make writable: {settings.home / 'motcua.db'}"
    try:
        with closing(Store(settings.database)) as store:
            fault = store.write_fault()
    except StoreError as exc:
        fault = str(exc)
    return Check(name, not fault, f"{where}: {fault}" if fault else where, mend, is_fatal=False)


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
    try:
        check_port(settings)
    except CommandFailed as exc:
        if _readiness(settings):
            return Check("Cổng / port", True, f"trợ lý đang dùng / the assistant has it: {local_url(settings)}")
        mend = "đặt MOTCUA_PORT (hoặc MOTCUA_HOST) khác / set another MOTCUA_PORT (or MOTCUA_HOST)"
        return Check("Cổng / port", False, str(exc), mend)
    return Check("Cổng / port", True, f"{settings.host}:{settings.port} trống / free")


def _running(settings: Settings) -> Check:
    """What the running product says of itself, and the mend of each part that is not well."""
    name, ready = "Đang chạy / running", _readiness(settings)
    if ready is None:
        return Check(name, True, "chưa chạy / not running")
    faults = {part: state for part, state in ready.get("parts", {}).items() if not state.get("ok")}
    if not faults and ready["status"] == "ready":
        return Check(name, True, f"{local_url(settings)}: ready")
    found = "; ".join(f"{part}: {state.get('detail') or 'hỏng / broken'}" for part, state in faults.items())
    mend = "; ".join(_PART_MENDS.get(part, _SEE_LOG) for part in faults) or _SEE_LOG
    return Check(name, False, f"{local_url(settings)}: {ready['status']} ({found})", mend, is_fatal=ready["status"] == "not_ready")


_SEE_LOG = "xem logs/motcua.log / see logs/motcua.log"
_PART_MENDS = {
    "rasa": "vừa khởi động thì chờ một phút; còn không, sửa theo các dòng Rasa ở trên, xem logs/rasa.log, rồi khởi động lại"
    " / just started: wait a minute; else follow the lines on Rasa above, see logs/rasa.log, restart",
    "database": "kiểm tra cơ sở dữ liệu ở MOTCUA_DATABASE_URL / check the database at MOTCUA_DATABASE_URL",
    "disk": "dọn đĩa của MOTCUA_HOME / free disk space of MOTCUA_HOME",
    "index": "motcua index --force",
    "encoder": "git checkout nlu/models, hoặc bỏ MOTCUA_ENCODER / or unset MOTCUA_ENCODER",
}


def _readiness(settings: Settings) -> dict[str, Any] | None:
    """The running product's own words; None where nobody, or somebody else, answers."""
    try:
        ready = httpx.get(f"{local_url(settings)}/readyz", timeout=5, trust_env=False).json()
    except (httpx.HTTPError, ValueError):
        return None
    return ready if isinstance(ready, dict) and ready.get("status") in ("ready", "degraded", "not_ready") else None
