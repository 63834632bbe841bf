"""``motcua``: the command line. Each command has help in Vietnamese and English, and fails with one line."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.console import Console
from rich.table import Table

from bot.errors import BotError, CommandFailed
from bot.progress import stage_bars
from bot.settings import REPOSITORY, Settings, load_settings
from connectors.errors import ConnectorError
from connectors.models import SESSION_ID_PATTERN
from knowledge.errors import KnowledgeError
from knowledge.model import Kind
from nlu.errors import NluError

app = typer.Typer(
    name="motcua",
    help="Hỏi Một Cửa: trợ lý thủ tục hành chính. / Assistant for administrative procedures.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
import_app = typer.Typer(help="Nhập dữ liệu từ cổng. / Import records of a portal.", no_args_is_help=True)
staff_app = typer.Typer(help="Tài khoản cán bộ. / Staff accounts.", no_args_is_help=True)
content_app = typer.Typer(help="Nội dung kèm sẵn. / Bundled content.", no_args_is_help=True)
notice_app = typer.Typer(help="Thông báo thay cho trợ lý. / A notice in place of the assistant.", no_args_is_help=True)
channels_app = typer.Typer(help="Telegram và Zalo. / Telegram and Zalo.", no_args_is_help=True)
app.add_typer(channels_app, name="channels")
app.add_typer(import_app, name="import")
app.add_typer(content_app, name="content")
app.add_typer(staff_app, name="staff")
app.add_typer(notice_app, name="notice")
out = Console()
err = Console(stderr=True)

KindName = Enum("KindName", {name: name for name in get_args(Kind)})  # Typer takes no list of a Literal
JsonFlag = Annotated[bool, typer.Option("--json", help="In JSON. / Print JSON.")]


def main() -> None:
    """Entry point: our own errors become one line and exit status 1."""
    try:
        app()
    except (BotError, KnowledgeError, NluError, ConnectorError) as exc:
        err.print(f"motcua: {exc}", style="red", highlight=False, soft_wrap=True, markup=False)
        sys.exit(1)
    except OSError as exc:  # a folder that cannot be written, a full disk: the reason without a traceback
        where = f" ({exc.filename})" if exc.filename else ""
        err.print(f"motcua: {exc.strerror or type(exc).__name__}{where}; motcua doctor", style="red", highlight=False, soft_wrap=True, markup=False)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


@app.command()
def serve() -> None:
    """Lập chỉ mục, huấn luyện nếu cần, rồi chạy mọi thứ. / Index and train where needed, then run everything."""
    from bot.app import build_server
    from bot.serving import announce, check_port, first_account, log_to_file

    settings = load_settings()
    log_to_file(settings)
    check_port(settings)
    _refresh(settings)
    with out.status("Đang nạp mô hình và chỉ mục / loading model and index …"):
        server = build_server(settings)
    first_account(settings, out)
    announce(settings, server.rasa is not None, out)
    server.run()


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="Câu hỏi. / The question.")],
    as_json: JsonFlag = False,
    session: Annotated[str | None, typer.Option(help="Mã phiên, để hỏi tiếp. / Session id, to go on.")] = None,
) -> None:
    """Hỏi một câu. / Ask one question (through the running server, else in this process)."""
    from bot.conversation import open_conversation, print_reply

    if session is not None and not re.fullmatch(SESSION_ID_PATTERN, session):
        raise CommandFailed("--session: cần 1 đến 64 chữ không dấu, số, “-” hoặc “_” / expected 1 to 64 of A-Z a-z 0-9 - _")
    reply = open_conversation(load_settings()).ask(question, session)
    if as_json:
        _print_json(reply)
    else:
        print_reply(out, reply)
    if reply["status"].startswith("error"):
        raise typer.Exit(1)


@app.command()
def chat() -> None:
    """Trò chuyện trong cửa sổ lệnh; để thoát gõ Ctrl-D. / Chat here; Ctrl-D ends."""
    from bot.conversation import chat_loop, open_conversation

    chat_loop(out, open_conversation(load_settings()))


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="Nội dung cần tìm. / What to look for.")],
    as_json: JsonFlag = False,
    top_k: Annotated[int, typer.Option("--top-k", "-k", min=1, max=50, help="Số kết quả. / How many hits.")] = 5,
    kind: Annotated[list[KindName] | None, typer.Option(help="Chỉ loại này; dùng được nhiều lần. / Only this kind; may be repeated.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Bỏ kế hoạch đã hết hạn trước ngày này (YYYY-MM-DD). / Leave out plans ended before.")] = None,
) -> None:
    """Tìm trong kho tri thức. / Search the knowledge, with scores."""
    from bot.app import open_knowledge
    from bot.knowledge_service import SearchPort

    if not query.strip():
        raise CommandFailed("chưa có gì để tìm / nothing to look for: expected some words, got none")
    day = _day(as_of)
    found = SearchPort(open_knowledge(load_settings())).search(query, top_k, [each.value for each in kind or ()] or None, day)
    if as_json:
        _print_json(found)
        return
    table = Table("điểm", "mã", "tên", "mục", "đoạn")
    for row in [*found["hits"], *found["near_misses"]]:
        is_hit = row in found["hits"]
        style = "" if is_hit else "dim"
        table.add_row(f"{row['score']:.2f}", row["number"], row["title"][:60], row["section"][:30], row["text"][:90], style=style)
    out.print(f"Hiểu là / read as: {found['query']['restored']}", highlight=False, markup=False)
    out.print(table)


@app.command()
def ingest(
    paths: Annotated[list[Path] | None, typer.Argument(help="Tệp hoặc thư mục; bỏ trống để đọc lại những gì đã nạp. / Files or folders; none: look again at what was taken in.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Theo dõi và nạp mỗi khi có thay đổi. / Keep watching, take in every change.")] = False,
    rollback: Annotated[bool, typer.Option("--rollback", help="Quay về bản trước. / Back to the release before.")] = False,
    releases: Annotated[bool, typer.Option("--releases", help="Liệt kê các bản. / List releases.")] = False,
    forget: Annotated[Path | None, typer.Option(help="Thôi đọc một đường dẫn đã nạp. / Stop reading a path that was taken in.")] = None,
    accept_loss: Annotated[bool, typer.Option("--accept-loss", help="Đưa lên dù mất nhiều bản ghi. / Release although many records are gone.")] = False,
) -> None:
    """Đưa tệp hoặc thư mục vào kho tri thức rồi lập chỉ mục. / Take files or folders in and index them."""
    from bot import ingesting
    from nlu.encoder import load_encoder

    settings = load_settings()
    encoder = load_encoder(settings.encoder)
    if releases:
        ingesting.list_releases(settings, encoder, out)
    elif rollback:
        ingesting.roll_back(settings, encoder, out)
    elif watch:
        from bot.watching import watch_roots

        watch_roots(settings, encoder, paths or [], out, err)
    else:
        if forget:
            ingesting.forget(settings, encoder, forget, out)
        ingesting.take_in(settings, encoder, paths or [], out, err, accept_loss)


@import_app.command("dvcqg")
def import_dvcqg(file: Annotated[Path, typer.Argument(help="Tệp JSONL hoặc thư mục bản ghi. / JSONL file or folder of records.")]) -> None:
    """Nhập dữ liệu Cổng Dịch vụ công quốc gia. / Import records of the national portal."""
    from bot import ingesting
    from nlu.encoder import load_encoder

    settings = load_settings()
    ingesting.take_in(settings, load_encoder(settings.encoder), [file], out, err)


@content_app.command("check")
def content_check(
    paths: Annotated[list[Path] | None, typer.Argument(help="Tệp hoặc thư mục để so; bỏ trống: những gì đã nạp. / Files or folders to compare with; none: what was taken in.")] = None,
    only_new: Annotated[bool, typer.Option("--new", help="Chỉ những chỗ chưa ghi nhận. / Only what nobody acknowledged.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """So lệ phí, thời hạn, cơ quan, giấy tờ kèm sẵn với bản ghi cùng mã. / Compare bundled facts with records of the same code; status 1 if one is new."""
    from bot.content_check import as_rows, check_content, show_checked

    found = check_content(load_settings(), paths or [])
    if as_json:
        _print_json(as_rows([c for c in found if not (only_new and c.is_acknowledged)]))
    else:
        show_checked(found, only_new, out)
    if not all(c.is_acknowledged for c in found):
        raise typer.Exit(1)


@app.command()
def index(
    force: Annotated[bool, typer.Option(help="Lập lại dù không đổi. / Build even if nothing changed.")] = False,
    accept_loss: Annotated[bool, typer.Option("--accept-loss", help="Đưa lên dù mất nhiều bản ghi. / Release although many records are gone.")] = False,
    publish: Annotated[Path | None, typer.Option(help="Chép chỉ mục đang dùng vào thư mục cho máy khác lấy. / Copy the live index into a folder for other machines.")] = None,
    fetch: Annotated[str | None, typer.Option(help="Lấy chỉ mục từ thư mục hay địa chỉ http(s) ấy thay vì tự lập. / Take the index from such a folder or http(s) address instead of building one.")] = None,
) -> None:
    """Lập chỉ mục tìm kiếm. / Build the search index."""
    from knowledge.index.artefact import fetch_artefact, publish_artefact
    from knowledge.index.store import IndexStore

    settings = load_settings()
    if fetch:
        digest = fetch_artefact(fetch, IndexStore(settings.index_root))
        out.print(f"Đã lấy / fetched: {digest}" if digest else "Đã có sẵn / live already", highlight=False)
        return
    if _refresh(settings, force, accept_loss):
        raise typer.Exit(1)
    if publish:
        out.print(f"Đã chép / published: {publish_artefact(IndexStore(settings.index_root), publish)}", highlight=False, soft_wrap=True)


@app.command()
def train(force: Annotated[bool, typer.Option(help="Huấn luyện lại dù không đổi. / Train even if nothing changed.")] = False) -> None:
    """Huấn luyện bộ phân loại ý định và Rasa. / Train the intent classifier and Rasa."""
    from bot import rasa_process
    from bot.rasa_process import RasaError, RasaPaths
    from nlu.encoder import load_encoder
    from nlu.intent_classifier import load_or_train

    settings = load_settings()
    with out.status("Bộ phân loại ý định / intent classifier …"):
        load_or_train(settings.intents, REPOSITORY / "bot" / "data" / "nlu", load_encoder(settings.encoder))
    out.print("Bộ phân loại ý định: xong / intent classifier: done")
    with out.status("Rasa …"):
        try:
            was_trained = rasa_process.train(RasaPaths(settings.home), force)
        except RasaError as exc:
            raise CommandFailed(str(exc)) from exc
    out.print("Rasa: " + ("đã huấn luyện / trained" if was_trained else "không có gì đổi / nothing changed"))


@app.command("eval")
def evaluate(
    sets: Annotated[list[Path], typer.Argument(help="Tệp câu hỏi hoặc thư mục. / Question files or folders.")],
    as_json: JsonFlag = False,
    plot: Annotated[bool, typer.Option("--plot", help="Vẽ biểu đồ. / Draw plots (needs matplotlib).")] = False,
    url: Annotated[str, typer.Option(help="Hỏi máy chủ đang chạy, qua Rasa. / Ask a running server, through Rasa.")] = "",
    output: Annotated[Path | None, typer.Option(help="Nơi lưu kết quả. / Where results go.")] = None,
    gate: Annotated[Path | None, typer.Option(help="Tệp mức tối thiểu; dưới mức thì báo lỗi. / File of limits; beyond one is a failure.")] = None,
) -> None:
    """Đo chất lượng trên bộ câu hỏi. / Measure quality on question sets; saves configuration beside results."""
    from bot.evaluating import run_evaluation

    run_evaluation(load_settings(), sets, as_json, plot, url, output, out, gate=gate)


@app.command()
def doctor() -> None:
    """Kiểm tra cài đặt và chỉ cách sửa. / Check the installation and name each mend."""
    from bot.doctor import run_checks

    checks = run_checks()
    for check in checks:
        mark = "[green]✓[/]" if check.is_ok else "[red]✗[/]" if check.is_fatal else "[yellow]![/]"
        out.print(f"{mark} {check.name}: ", end="")
        out.print(check.found, highlight=False, markup=False)
        if not check.is_ok:
            out.print(f"    → {check.mend}", highlight=False, markup=False)
    if any(c.is_fatal and not c.is_ok for c in checks):
        raise typer.Exit(1)


@channels_app.command("check")
def channels_check() -> None:
    """Thử token và webhook của từng kênh, nói chỗ sai. / Try each channel's token and webhook; say what is wrong."""
    from bot.channels import check_channels

    if not check_channels(load_settings(), out):
        raise typer.Exit(1)


@channels_app.command("set-webhook")
def channels_set_webhook(
    names: Annotated[list[str] | None, typer.Argument(help="Kênh / channels: telegram, zalo, zalo-bot; mặc định tất cả / all by default.")] = None,
    delete: Annotated[bool, typer.Option("--delete", help="Xóa webhook, để hỏi định kỳ. / Delete it, in order to poll.")] = False,
) -> None:
    """Báo cho kênh địa chỉ nhận tin (MOTCUA_PUBLIC_URL). / Tell channels our address."""
    from bot.channels import set_webhooks

    set_webhooks(load_settings(), names or [], out, is_deleting=delete)


@channels_app.command("zalo-login")
def channels_zalo_login(
    code: Annotated[str, typer.Argument(help="Mã ở trang cấp quyền, sống 10 phút. / Code of the consent page, lives 10 minutes.")],
    verifier: Annotated[str, typer.Option(prompt=True, hide_input=True, help="code_verifier đã đặt ở trang nhà phát triển. / As set in the developer console.")],
) -> None:
    """Đổi mã cấp quyền của Zalo OA lấy token đầu tiên. / Turn Zalo's consent code into the first tokens."""
    from bot.channels import log_in_to_zalo

    log_in_to_zalo(load_settings(), code, verifier)
    out.print("Đã lưu token. / Tokens are stored.")


@channels_app.command("work")
def channels_work(
    metrics_port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Cổng /metrics ở 127.0.0.1 của tiến trình này, 0 là không mở; mặc định MOTCUA_CHANNEL_METRICS_PORT. / Port for /metrics.")
    ] = None,
) -> None:
    """Chỉ trả lời và gửi tin của kênh, không mở cổng web; chạy được nhiều tiến trình. / Answer channels only, no web."""
    from bot.channels import work
    from bot.serving import log_to_file

    settings = load_settings()
    log_to_file(settings)
    if metrics_port is not None:
        settings = settings.model_copy(update={"channel_metrics_port": metrics_port})
    work(settings, out)


@staff_app.command("add")
def staff_add(
    name: Annotated[str, typer.Argument(help="Tên đăng nhập. / Login name.")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="Mật khẩu. / Password.")],
    role: Annotated[str, typer.Option(help="Vai trò / role: staff, admin")] = "staff",
) -> None:
    """Thêm tài khoản cán bộ. / Add a staff account."""
    from connectors.store.accounts import StaffAccounts
    from connectors.store.database import Store

    StaffAccounts(Store(load_settings().database)).add(name, password, role)
    out.print(f"Đã thêm / added: {name}")


@staff_app.command("password")
def staff_password(
    name: Annotated[str, typer.Argument(help="Tên đăng nhập. / Login name.")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="Mật khẩu. / Password.")],
) -> None:
    """Đặt lại mật khẩu. / Set a password anew; ends the account's sessions."""
    from connectors.store.accounts import StaffAccounts
    from connectors.store.database import Store

    StaffAccounts(Store(load_settings().database)).set_password(name, password)
    out.print(f"Đã đổi mật khẩu / password set: {name}")


@notice_app.command("on")
def notice_on(text: Annotated[str, typer.Argument(help="Lời người dân sẽ đọc. / What citizens will read.")]) -> None:
    """Thay trợ lý bằng thông báo; máy chủ đang chạy thấy trong 2 giây. / Replace the assistant within 2 seconds."""
    from connectors.notice import turn_on

    notice = turn_on(load_settings().notice_file, text)
    out.print(f"Đã bật / on: {notice.text}", highlight=False, markup=False, soft_wrap=True)


@notice_app.command("off")
def notice_off() -> None:
    """Bỏ thông báo, trợ lý trả lời lại. / Take the notice away; the assistant answers again."""
    from connectors.notice import turn_off

    was_on = turn_off(load_settings().notice_file)
    out.print("Đã tắt thông báo / off" if was_on else "Không có thông báo nào đang bật / there was none")


@notice_app.command("show")
def notice_show() -> None:
    """Cho biết thông báo đang bật hay không. / Say whether a notice is on."""
    from connectors.notice import read_notice

    notice = read_notice(load_settings().notice_file)
    words = f"Đang bật / on ({notice.since}): {notice.text}" if notice else "Không có thông báo / off"
    out.print(words, highlight=False, markup=False, soft_wrap=True)


def _refresh(settings: Settings, force: bool = False, accept_loss: bool = False) -> bool:
    """Bring the index up to date and say so; True when validation refused what the sources hold now."""
    from bot.pipeline import refresh_index
    from nlu.encoder import load_encoder

    with stage_bars(err) as report:
        outcome = refresh_index(settings, load_encoder(settings.encoder), report, force, accept_loss)
    is_refused = outcome.ingest is not None and outcome.ingest.is_refused
    for finding in outcome.ingest.findings if outcome.ingest else ():
        out.print(f"! {finding.message}", style="red" if finding.is_fatal else "yellow", highlight=False, markup=False, soft_wrap=True)
    state = "đã lập lại / built" if outcome.was_built else "không có gì đổi / nothing changed"
    out.print(
        f"Chỉ mục / index: {'giữ bản đang dùng / the live one stays' if is_refused else state}; {outcome.n_procedures} thủ tục / procedures, {outcome.n_plans} kế hoạch / plans, "
        f"{outcome.n_passages} đoạn / passages, {len(outcome.warnings)} lưu ý / warnings, "
        f"{outcome.n_conflicts} bản ghi có hai nguồn / records read twice",
        highlight=False,
        soft_wrap=True,
    )
    return is_refused


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as exc:
        raise CommandFailed(f"--as-of: expected YYYY-MM-DD, got {text!r}") from exc


def _print_json(data: object) -> None:
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    logging.captureWarnings(True)
    main()
