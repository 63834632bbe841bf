"""The command line: help in two languages, failures in one line with exit status 1."""

from __future__ import annotations

import json
import os
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click
import pytest
import typer
from typer.testing import CliRunner

import bot.content_check
import bot.conversation
import bot.pipeline
import knowledge.content.check
import nlu.encoder
from bot.cli import app, main
from bot.rasa_process import free_port
from knowledge.content.loader import load_bundled
from knowledge.model import Kind
from knowledge.sources.report import ReadReport
from tests.fakes import BIRTH, PLANS, PROCEDURES, HashEncoder
from tests.unit.knowledge.ingest.town import export

ACCENTED = re.compile(r"[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.IGNORECASE)
CORPUS = Path(__file__).resolve().parents[2] / "data" / "knowledge"


@pytest.fixture(autouse=True)
def small_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, small_restorer: None) -> None:
    """A home of one's own, the invented library as bundled knowledge, no model."""
    for name in [n for n in os.environ if n.startswith("MOTCUA_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOTCUA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MOTCUA_PORT", str(free_port()))
    monkeypatch.setattr(nlu.encoder, "load_encoder", lambda name="": HashEncoder())
    monkeypatch.setattr("bot.app.load_encoder", lambda name="": HashEncoder())
    monkeypatch.setattr(bot.pipeline, "load_bundled", lambda: ReadReport(records=PROCEDURES, plans=PLANS))
    monkeypatch.setattr(bot.pipeline, "load_phrasings", dict)


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))


ALL = list(commands(typer.main.get_command(app)))


def fails_with_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """Run ``motcua`` as a shell would; the one line it failed with."""
    monkeypatch.setattr(sys, "argv", ["motcua", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("motcua: ")
    return lines[0]


def test_the_commands_of_the_design_are_there() -> None:
    names = {" ".join(path) for path, _ in ALL}
    wanted = {"serve", "ask", "chat", "search", "ingest", "index", "train", "eval", "import dvcqg", "doctor"}
    assert wanted <= names


@pytest.mark.parametrize(("path", "command"), ALL, ids=lambda value: " ".join(value) if isinstance(value, tuple) else "")
def test_a_command_has_help_in_vietnamese_and_english(path: tuple[str, ...], command: click.Command) -> None:
    assert command.help and " / " in command.help
    vietnamese, english = command.help.split(" / ", 1)
    assert ACCENTED.search(vietnamese)
    assert english.strip() and not ACCENTED.search(english)
    shown = CliRunner().invoke(app, [*path, "--help"])
    assert shown.exit_code == 0
    assert vietnamese.split(".")[0].split()[0] in shown.output


@pytest.mark.parametrize(("path", "command"), ALL, ids=lambda value: " ".join(value) if isinstance(value, tuple) else "")
def test_every_argument_and_option_is_explained(path: tuple[str, ...], command: click.Command) -> None:
    for parameter in command.params:
        if parameter.name != "help":
            vietnamese, slash, english = (getattr(parameter, "help", None) or "").partition(" / ")
            assert vietnamese and slash and english, (path, parameter.name)


def test_no_arguments_show_the_help() -> None:
    assert "Hỏi Một Cửa" in CliRunner().invoke(app, []).output


def test_an_unknown_command_fails() -> None:
    assert CliRunner().invoke(app, ["nonsense"]).exit_code != 0


# Search, index, ingest.


def test_index_says_what_was_built_and_then_that_nothing_changed() -> None:
    runner = CliRunner()
    first = runner.invoke(app, ["index"])
    assert first.exit_code == 0, first.output
    assert "đã lập lại / built" in first.output and f"{len(PROCEDURES)} thủ tục" in first.output
    assert "không có gì đổi / nothing changed" in runner.invoke(app, ["index"]).output
    assert "đã lập lại / built" in runner.invoke(app, ["index", "--force"]).output


def test_search_prints_json_in_the_designs_shape() -> None:
    done = CliRunner().invoke(app, ["search", "đăng ký khai sinh", "--json", "-k", "2"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert {"hits", "near_misses", "query", "stages_ms"} <= set(found)
    assert len(found["hits"]) <= 2
    assert set(found["query"]) == {"normalised", "restored"}


def test_search_prints_a_table() -> None:
    assert "9.100001" in CliRunner().invoke(app, ["search", "đăng ký khai sinh"], env={"COLUMNS": "200"}).output


def test_ingest_takes_a_folder_in_and_indexes_it() -> None:
    runner = CliRunner()
    done = runner.invoke(app, ["ingest", str(CORPUS / "jsonl"), str(CORPUS / "plans")])
    assert done.exit_code == 0, done.output
    again = runner.invoke(app, ["index"])
    assert "nothing changed" in again.output
    n_plans = int(re.search(r"(\d+) kế hoạch", again.output)[1])
    assert n_plans > len(PLANS)


def test_import_dvcqg_reads_a_portal_export() -> None:
    done = CliRunner().invoke(app, ["import", "dvcqg", str(CORPUS / "jsonl" / "invented-2031-05.jsonl")])
    assert done.exit_code == 0, done.output


# Failures.


def test_a_wrong_setting_fails_with_its_name(capsys, monkeypatch) -> None:
    monkeypatch.setenv("MOTCUA_PORT", "many")
    assert "MOTCUA_PORT" in fails_with_one_line(capsys, monkeypatch, "index")


def test_a_corpus_that_is_not_there_is_named(capsys, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("MOTCUA_CORPUS", str(tmp_path / "no-such-folder"))
    assert "no-such-folder" in fails_with_one_line(capsys, monkeypatch, "index")


def test_ingest_tells_in_short_on_which_records_two_sources_disagree(tmp_path: Path) -> None:
    export(tmp_path / "cu-2029-12.jsonl", *(p.code for p in PROCEDURES), co_quan_thuc_hien="Sở Chim")
    lines = CliRunner().invoke(app, ["ingest", str(tmp_path / "cu-2029-12.jsonl")]).output.splitlines()
    (told,) = [line for line in lines if line.startswith(f"  {BIRTH.code}: ")]
    assert f"dùng / kept {BIRTH.source.id} ({BIRTH.source.read_on})" in told
    assert f"bỏ / left cu-2029-12.jsonl#{BIRTH.code} (2029-12)" in told and "cơ quan / agency" in told


@pytest.fixture
def invented_content(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.content_check, "load_bundled", lambda: load_bundled(CORPUS / "content"))
    monkeypatch.setattr(knowledge.content.check, "FOLDER", CORPUS / "content")


EXPORT = "invented-2031-05.jsonl"


def test_content_check_lists_what_is_acknowledged_and_passes(invented_content: None) -> None:
    done = CliRunner().invoke(app, ["content", "check", str(CORPUS / "jsonl" / EXPORT)])
    assert done.exit_code == 0
    assert "9.000001 time (desk)" in done.output and "acknowledged: Bản ghi còn có một dòng" in done.output
    assert "0 chưa ghi nhận" in done.output
    assert "9.000001" not in CliRunner().invoke(app, ["content", "check", "--new", str(CORPUS / "jsonl" / EXPORT)]).output


def test_content_check_fails_on_a_new_difference_and_names_it_first(invented_content: None, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in (CORPUS / "jsonl" / EXPORT).read_text(encoding="utf-8").splitlines()]
    changed = [{**row, "co_quan_thuc_hien": "Sở Sao"} for row in rows if row["ma_thu_tuc"] == "9.000001"]
    (tmp_path / EXPORT).write_text(json.dumps(changed[0], ensure_ascii=False), encoding="utf-8")
    done = CliRunner().invoke(app, ["content", "check", "--json", str(tmp_path / EXPORT)])
    told = {row["field"]: row for row in json.loads(done.output)}
    assert done.exit_code == 1
    assert (told["agency"]["imported"], told["agency"]["acknowledged"], told["time"]["acknowledged"]) == ("Sở Sao", False, True)
    lines = CliRunner().invoke(app, ["content", "check", str(tmp_path / EXPORT)]).output.splitlines()
    assert lines[0].startswith("9.000001 agency") and "NOT acknowledged" in lines[1]


def test_content_check_without_a_path_compares_with_what_was_taken_in(invented_content: None, capsys, monkeypatch) -> None:
    assert "found none" in fails_with_one_line(capsys, monkeypatch, "content", "check")
    CliRunner().invoke(app, ["ingest", str(CORPUS / "jsonl" / EXPORT)])
    done = CliRunner().invoke(app, ["content", "check"])
    assert done.exit_code == 0 and "9.000001 time (desk)" in done.output


def test_ingesting_what_is_not_there_fails(capsys, monkeypatch) -> None:
    assert "nothing.jsonl" in fails_with_one_line(capsys, monkeypatch, "ingest", "nothing.jsonl")


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe nothing that can be read", b"[]"])
def test_ingesting_an_empty_or_unreadable_file_fails_and_changes_nothing(capsys, monkeypatch, tmp_path, content) -> None:
    (tmp_path / "records.jsonl").write_bytes(content)
    line = fails_with_one_line(capsys, monkeypatch, "ingest", "records.jsonl")
    assert "records.jsonl" in line
    assert not (tmp_path / "home" / "sources.json").exists()


def test_ingesting_a_file_with_broken_lines_takes_the_good_ones_and_warns() -> None:
    done = CliRunner().invoke(app, ["ingest", str(CORPUS / "bad" / "broken.jsonl")])
    assert done.exit_code == 0
    assert re.search(r"[1-9]\d* lưu ý / warnings", done.output)


def test_a_damaged_list_of_ingested_paths_is_named(capsys, monkeypatch, tmp_path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "sources.json").write_text("{half")
    assert "sources.json" in fails_with_one_line(capsys, monkeypatch, "index")


def test_a_home_that_cannot_be_written_is_named(capsys, monkeypatch, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MOTCUA_HOME", str(tmp_path / "file" / "home"))
    assert "Not a directory" in fails_with_one_line(capsys, monkeypatch, "index")


def test_serving_on_a_taken_port_fails_before_any_work(capsys, monkeypatch, tmp_path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        monkeypatch.setenv("MOTCUA_PORT", port)
        monkeypatch.setattr("bot.serving.log_to_file", lambda settings: None)
        line = fails_with_one_line(capsys, monkeypatch, "serve")
    assert port in line and "MOTCUA_PORT" in line
    assert not (tmp_path / "home" / "index").exists()


def test_a_day_that_is_none_is_refused(capsys, monkeypatch) -> None:
    line = fails_with_one_line(capsys, monkeypatch, "search", "kế hoạch", "--as-of", "hôm qua")
    assert "YYYY-MM-DD" in line


@pytest.mark.parametrize("kind", ["nonsense", "Plan", ""])
def test_a_kind_that_is_none_is_refused_with_those_there_are(kind: str) -> None:
    done = CliRunner().invoke(app, ["search", "kế hoạch", "--kind", kind], env={"COLUMNS": "200"})
    assert done.exit_code == 2
    assert all(word in done.stderr for word in ("--kind", "procedure", "plan", "faq"))


def test_only_the_kinds_asked_for_are_found() -> None:
    found = {}
    for kind in get_args(Kind):
        done = CliRunner().invoke(app, ["search", "đăng ký khai sinh kế hoạch", "--kind", kind, "--json"])
        assert done.exit_code == 0, done.output
        found[kind] = {row["kind"] for part in ("hits", "near_misses") for row in json.loads(done.stdout)[part]}
    assert found["procedure"] == {"procedure"} and found["plan"] <= {"plan"} and found["faq"] <= {"faq"}


def test_searching_for_nothing_is_refused(capsys, monkeypatch) -> None:
    assert "nothing to look for" in fails_with_one_line(capsys, monkeypatch, "search", "  ")


@pytest.mark.parametrize("session", ["", "a b", "phiên", "x" * 65, "a.b"])
def test_a_session_the_api_would_refuse_is_refused_here(capsys, monkeypatch, scripted, session) -> None:
    assert "--session" in fails_with_one_line(capsys, monkeypatch, "ask", "khai sinh", "--session", session)
    assert scripted.asked == []


def test_a_role_nobody_has_is_refused(capsys, monkeypatch) -> None:
    line = fails_with_one_line(capsys, monkeypatch, "staff", "add", "lan", "--password", "một mật khẩu dài", "--role", "boss")
    assert "boss" in line and "mật khẩu" not in line


def test_training_without_rasa_fails_with_the_mend(capsys, monkeypatch) -> None:
    monkeypatch.setattr("nlu.intent_classifier.load_or_train", lambda *arguments: None)
    monkeypatch.setattr("bot.rasa_process.unavailable_reason", lambda paths: "expected Python 3.10; run make setup-rasa")
    assert "make setup-rasa" in fails_with_one_line(capsys, monkeypatch, "train")


def test_doctor_fails_when_something_fatal_is_wrong() -> None:
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == 1
    assert "motcua index --force" in done.output


# Asking.


class Scripted:
    """A conversation that was written down before."""

    def __init__(self, status: str = "answered_aspect") -> None:
        self.status = status
        self.asked: list[tuple[str, str | None]] = []

    def ask(self, question: str, session_id: str | None) -> dict:
        self.asked.append((question, session_id))
        buttons = [{"title": "Lệ phí", "payload": "#tt 9.100001 fee"}]
        citation = {"title": "Khai sinh", "number": "9.100001", "section": "Phí", "as_of": "2031-05", "expired": False, "url": ""}
        return {"status": self.status, "understood": "khai sinh", "messages": [{"text": "Miễn phí [nhé]", "buttons": buttons}], "citations": [citation]}


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    conversation = Scripted()
    monkeypatch.setattr(bot.conversation, "open_conversation", lambda settings: conversation)
    return conversation


def test_ask_prints_bubble_button_and_source(scripted: Scripted) -> None:
    done = CliRunner().invoke(app, ["ask", "khai sinh hết bao nhiêu", "--session", "s1"])
    assert done.exit_code == 0
    for words in ("Miễn phí [nhé]", "#tt 9.100001 fee", "Nguồn: Khai sinh"):
        assert words in done.output
    assert scripted.asked == [("khai sinh hết bao nhiêu", "s1")]


def test_ask_prints_json(scripted: Scripted) -> None:
    assert json.loads(CliRunner().invoke(app, ["ask", "khai sinh", "--json"]).stdout)["status"] == "answered_aspect"


def test_ask_fails_when_the_turn_ended_in_an_error(scripted: Scripted) -> None:
    scripted.status = "error_internal"
    assert CliRunner().invoke(app, ["ask", "khai sinh"]).exit_code == 1


def test_chat_keeps_one_session_presses_buttons_by_number_and_ends_with_the_input(scripted: Scripted) -> None:
    done = CliRunner().invoke(app, ["chat"], input="khai sinh\n\n1\n")
    assert done.exit_code == 0
    assert [question for question, _ in scripted.asked] == ["khai sinh", "#tt 9.100001 fee"]
    assert len({session for _, session in scripted.asked}) == 1


def test_a_server_without_a_usable_answer_is_one_line(capsys, monkeypatch) -> None:
    conversation = bot.conversation.ServerConversation(f"http://127.0.0.1:{free_port()}")
    monkeypatch.setattr(bot.conversation, "open_conversation", lambda settings: conversation)
    assert "motcua doctor" in fails_with_one_line(capsys, monkeypatch, "ask", "khai sinh")
