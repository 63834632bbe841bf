"""Each fault the doctor can find has a mend; a check that breaks is a finding."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

import nlu.encoder
from bot import doctor, rasa_process
from bot.doctor import Check, run_checks
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
    for part in ("Python", "packages", "disk", "encoder", "index", "intents", "Rasa", "database", "OCR", "port"):
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
    assert "expected digest" in found.found and found.mend


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
    assert check("Cổng").is_ok


def test_a_port_another_program_has_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv("MOTCUA_PORT", str(other.getsockname()[1]))
        monkeypatch.setattr(doctor.httpx, "get", _no_answer)
        found = check("Cổng")
    assert not found.is_ok and "MOTCUA_PORT" in found.mend


def _no_answer(*arguments: object, **more: object) -> None:
    raise doctor.httpx.ReadTimeout("silent")


@pytest.fixture
def running() -> Iterator[int]:
    """Something that answers /readyz as the product does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"status": "ready"}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_the_assistant_itself_on_the_port_is_good(monkeypatch: pytest.MonkeyPatch, running: int) -> None:
    monkeypatch.setenv("MOTCUA_PORT", str(running))
    found = check("Cổng")
    assert found.is_ok and "ready" in found.found


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
