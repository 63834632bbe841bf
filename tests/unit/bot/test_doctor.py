"""Each fault the doctor can find has a mend; a check that breaks is a finding."""

from __future__ import annotations

import json
import os
import platform
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

import nlu.encoder
from bot import doctor, rasa_process
from bot.doctor import Check, run_checks
from bot.locked_packages import installed_beside, installed_versions, locked_versions
from bot.settings import REPOSITORY
from connectors.store.database import upgrade_database
from nlu.errors import EncoderError
from tests.fakes import HashEncoder


@pytest.fixture(autouse=True)
def small_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A home of one's own, nothing built, no model loaded, a port nobody uses."""
    for name in [n for n in os.environ if n.startswith("MOTCUA_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOTCUA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MOTCUA_PORT", str(rasa_process.free_port()))
    monkeypatch.setattr(nlu.encoder, "load_encoder", lambda name="": HashEncoder())
    monkeypatch.setattr(rasa_process, "unavailable_reason", lambda paths: "expected Python 3.10, found none")


def check(name: str) -> Check:
    (found,) = [c for c in run_checks() if c.name.startswith(name)]
    return found


def test_everything_the_product_needs_is_looked_at() -> None:
    names = " ".join(c.name for c in run_checks())
    for part in ("Python", "packages", "disk", "encoder", "index", "intents", "Rasa", "database", "OCR", "port", "running", "Rasa's packages", "Rasa's port"):
        assert part in names


def test_every_fault_names_its_mend() -> None:
    faults = [c for c in run_checks() if not c.is_ok]
    assert {c.name.split()[0] for c in faults} >= {"Chỉ", "Ý", "Rasa"}
    for fault in faults:
        assert fault.found.strip() and fault.mend.strip()


def test_a_missing_index_and_untrained_intents_name_their_commands() -> None:
    assert (check("Chỉ mục").is_ok, check("Chỉ mục").mend) == (False, "motcua index --force")
    assert (check("Ý định").is_ok, check("Ý định").mend) == (False, "motcua train")


def test_a_good_index_is_named_with_its_numbers(tmp_path: Path, small_restorer: None) -> None:
    from tests.fakes import PROCEDURES, publish_town

    publish_town(tmp_path / "home", HashEncoder())
    found = check("Chỉ mục")
    assert found.is_ok and f"{len(PROCEDURES)} thủ tục" in found.found


# Versions, against the lock files.


def test_every_package_of_the_lock_file_is_compared_not_only_those_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    locked = locked_versions(REPOSITORY / "requirements" / "product.txt")
    monkeypatch.setattr(doctor, "installed_versions", lambda: locked)
    assert check("Gói / packages").is_ok and f"{len(locked)} gói" in check("Gói / packages").found
    monkeypatch.setattr(doctor, "installed_versions", lambda: {**locked, "tenacity": "0.0.1"})
    found = check("Gói / packages")
    assert (found.is_ok, found.is_fatal) == (False, False), "another version may do; the operator should know"
    assert f"tenacity: cần / expected {locked['tenacity']}, có / found 0.0.1" in found.found
    assert ".stamps" in found.mend, "make setup alone would think that nothing changed"


def test_a_missing_package_is_fatal(monkeypatch: pytest.MonkeyPatch) -> None:
    locked = locked_versions(REPOSITORY / "requirements" / "product.txt")
    monkeypatch.setattr(doctor, "installed_versions", lambda: {k: v for k, v in locked.items() if k != "faiss-cpu"})
    found = check("Gói / packages")
    assert (found.is_ok, found.is_fatal) == (False, True) and "faiss-cpu" in found.found


def test_of_many_differences_some_are_shown_and_the_rest_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    n_locked = len(locked_versions(REPOSITORY / "requirements" / "product.txt"))
    monkeypatch.setattr(doctor, "installed_versions", dict)
    assert f"{n_locked - 6} gói nữa / more" in check("Gói / packages").found


def test_rasas_own_packages_are_compared_for_its_own_python(monkeypatch: pytest.MonkeyPatch) -> None:
    locked = locked_versions(REPOSITORY / "requirements" / "rasa" / "rasa.txt", {"python_full_version": "3.10.13", "python_version": "3.10"})
    monkeypatch.setattr(rasa_process, "unavailable_reason", lambda paths: None)
    monkeypatch.setattr(doctor, "installed_beside", lambda python: ("3.10.13", locked))
    found = check("Gói của Rasa")
    assert found.is_ok and "Python 3.10.13" in found.found and "rasa 3.6.21" in found.found
    monkeypatch.setattr(doctor, "installed_beside", lambda python: ("3.10.13", {**locked, "rasa": "3.5.0"}))
    found = check("Gói của Rasa")
    assert (found.is_ok, found.is_fatal) == (False, False)
    assert "rasa: cần / expected 3.6.21, có / found 3.5.0" in found.found and "make setup-rasa" in found.mend


def test_the_lock_file_of_another_python_holds_other_lines(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("one==1.0 \\\n    --hash=sha256:aa\nNew_Name==2 ; python_full_version >= '3.12' \\\n    --hash=sha256:bb\n    # via one\n")
    assert locked_versions(lock, {"python_full_version": "3.11.7"}) == {"one": "1.0"}
    assert locked_versions(lock, {"python_full_version": "3.12.1"}) == {"one": "1.0", "new-name": "2"}


def test_the_packages_of_another_interpreter_are_read() -> None:
    python, installed = installed_beside(Path(sys.executable))
    assert python == platform.python_version() and installed == installed_versions()


# Where it may not write.


def test_a_home_that_cannot_be_written_is_fatal_and_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MOTCUA_HOME", str(tmp_path / "file" / "home"))
    found = check("Đĩa")
    assert (found.is_ok, found.is_fatal) == (False, True)
    assert str(tmp_path / "file" / "home") in found.found and "MOTCUA_HOME" in found.mend


def test_a_database_that_can_only_be_read_is_a_finding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    upgrade_database(f"sqlite:///{tmp_path / 'x.db'}")
    monkeypatch.setenv("MOTCUA_DATABASE_URL", f"sqlite:///{tmp_path / 'x.db'}")
    assert check("Cơ sở dữ liệu").is_ok
    monkeypatch.setenv("MOTCUA_DATABASE_URL", f"sqlite:///file:{tmp_path / 'x.db'}?mode=ro&uri=true")
    found = check("Cơ sở dữ liệu")
    assert not found.is_ok and "quyền ghi" in found.mend


def test_no_python_3_10_is_no_fatal_fault() -> None:
    found = check("Rasa")
    assert (found.is_ok, found.is_fatal, found.mend) == (False, False, "make setup-rasa")
    assert "3.10" in found.found


def test_rasa_switched_off_is_no_fatal_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_RASA", "false")
    assert (check("Rasa").is_ok, check("Rasa").is_fatal) == (False, False)


def test_a_broken_encoder_is_fatal(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str = "") -> None:
        raise EncoderError("model.onnx: expected digest aa, found bb")

    monkeypatch.setattr(nlu.encoder, "load_encoder", refuse)
    found = check("Mô hình")
    assert (found.is_ok, found.is_fatal) == (False, True)
    assert "expected digest" in found.found and found.mend == "git checkout nlu/models"
    assert "encoder first" in check("Chỉ mục").mend, "nothing of the index is known, so nothing of it is blamed"
    monkeypatch.setenv("MOTCUA_ENCODER", "onnx:nowhere")
    assert "MOTCUA_ENCODER" in check("Mô hình").mend


def test_a_wrong_setting_is_the_one_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_PORT", "many")
    (found,) = run_checks()
    assert "MOTCUA_PORT" in found.found and found.mend and not found.is_ok


def test_a_database_that_cannot_be_opened_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MOTCUA_DATABASE_URL", f"sqlite:///{tmp_path}/file/hush-hush/x.db")
    found = check("Cơ sở dữ liệu")
    assert not found.is_ok and not found.is_fatal and found.mend
    assert "hush-hush" not in found.found


@pytest.mark.parametrize("url", ["postgresql://u:hush-hush@127.0.0.1:1/x", "nonsense"])
def test_a_database_address_that_cannot_work_is_a_finding(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("MOTCUA_DATABASE_URL", url)
    found = check("Cơ sở dữ liệu")
    assert not found.is_ok
    assert "hush-hush" not in found.found


def test_a_check_that_breaks_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(home: Path) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(doctor.shutil, "disk_usage", explode)
    found = check("Đĩa")
    assert not found.is_ok and "boom" in found.found and found.mend


def test_a_free_port_is_good() -> None:
    assert check("Cổng / port").is_ok


def test_a_port_another_program_has_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv("MOTCUA_PORT", str(other.getsockname()[1]))
        monkeypatch.setattr(doctor.httpx, "get", _no_answer)
        found = check("Cổng / port")
    assert not found.is_ok and "MOTCUA_PORT" in found.mend


def _no_answer(*arguments: object, **more: object) -> None:
    raise doctor.httpx.ReadTimeout("silent")


def test_an_address_of_another_machine_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_HOST", "192.0.2.1")
    monkeypatch.setattr(doctor.httpx, "get", _no_answer)
    found = check("Cổng / port")
    assert not found.is_ok and "MOTCUA_HOST=192.0.2.1" in found.found and "MOTCUA_HOST" in found.mend


@pytest.fixture
def ready() -> dict[str, object]:
    """What the running product says at /readyz; tests change it."""
    return {"status": "ready", "parts": {"rasa": {"ok": True, "detail": ""}, "index": {"ok": True, "detail": "one"}}}


@pytest.fixture
def running(ready: dict[str, object]) -> Iterator[int]:
    with answering(ready) as port:
        yield port


@contextmanager
def answering(ready: dict[str, object]) -> Iterator[int]:
    """Something that answers /readyz as the product does, and all else as Rasa does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(ready).encode() if self.path == "/readyz" else b"Hello from Rasa: 3.6.21"
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def test_the_assistant_itself_on_the_port_is_good(monkeypatch: pytest.MonkeyPatch, running: int) -> None:
    monkeypatch.setenv("MOTCUA_PORT", str(running))
    found = check("Cổng / port")
    assert found.is_ok and str(running) in found.found
    assert check("Đang chạy").is_ok and "ready" in check("Đang chạy").found


def test_a_program_that_is_not_ours_is_no_assistant(monkeypatch: pytest.MonkeyPatch, running: int, ready: dict) -> None:
    ready.clear()
    monkeypatch.setenv("MOTCUA_PORT", str(running))
    assert not check("Cổng / port").is_ok
    assert check("Đang chạy").found == "chưa chạy / not running"


@pytest.mark.parametrize(
    ("part", "words"),
    [("rasa", "logs/rasa.log"), ("database", "MOTCUA_DATABASE_URL"), ("disk", "MOTCUA_HOME"), ("tomorrow's part", "logs/motcua.log")],
)
def test_a_degraded_product_is_told_part_by_part_with_its_mend(
    monkeypatch: pytest.MonkeyPatch, running: int, ready: dict, part: str, words: str
) -> None:
    ready["status"] = "degraded"
    ready["parts"][part] = {"ok": False, "detail": "it does not answer"}
    monkeypatch.setenv("MOTCUA_PORT", str(running))
    found = check("Đang chạy")
    assert (found.is_ok, found.is_fatal) == (False, False)
    assert "degraded" in found.found and f"{part}: it does not answer" in found.found and "index" not in found.found
    assert words in found.mend


def test_a_product_that_cannot_answer_is_fatal(monkeypatch: pytest.MonkeyPatch, running: int, ready: dict) -> None:
    ready["status"] = "not_ready"
    ready["parts"]["index"] = {"ok": False, "detail": "damaged"}
    monkeypatch.setenv("MOTCUA_PORT", str(running))
    found = check("Đang chạy")
    assert (found.is_ok, found.is_fatal, found.mend) == (False, True, "motcua index --force")


# Rasa's port.


def test_rasas_port_is_good_when_free_or_chosen_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check("Cổng của Rasa").is_ok
    monkeypatch.setenv("MOTCUA_RASA_PORT", str(rasa_process.free_port()))
    assert check("Cổng của Rasa").is_ok


def test_a_stranger_on_rasas_port_is_named_and_not_fatal(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        monkeypatch.setenv("MOTCUA_RASA_PORT", port)
        found = check("Cổng của Rasa")
    assert (found.is_ok, found.is_fatal) == (False, False)
    assert port in found.found and "MOTCUA_RASA_PORT" in found.mend


@pytest.mark.parametrize("is_well", [True, False])
def test_the_running_products_own_rasa_may_have_its_port(monkeypatch: pytest.MonkeyPatch, running: int, ready: dict, is_well: bool) -> None:
    ready["parts"]["rasa"]["ok"] = is_well
    monkeypatch.setenv("MOTCUA_PORT", str(running))
    with answering(ready) as rasa_port:
        monkeypatch.setenv("MOTCUA_RASA_PORT", str(rasa_port))
        assert check("Cổng của Rasa").is_ok is is_well


def tesseract_stand_in(folder: Path, languages: str) -> None:
    program = folder / "tesseract"
    program.write_text(f"#!/bin/sh\nprintf 'List of available languages:\\n{languages}\\n'\n", encoding="utf-8")
    program.chmod(0o755)


@pytest.mark.parametrize(("languages", "is_ok"), [("eng\\nvie", True), ("eng", False)])
def test_tesseract_is_looked_at_with_its_vietnamese_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, languages: str, is_ok: bool
) -> None:
    tesseract_stand_in(tmp_path, languages)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = check("Đọc ảnh quét")
    assert found.is_ok is is_ok and "eng" in found.found and not found.is_fatal


def test_without_tesseract_its_packages_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not check("Đọc ảnh quét").is_ok and "tesseract-ocr-vie" in check("Đọc ảnh quét").mend
