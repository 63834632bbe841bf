"""Staff pages: who waits for a person, wherever they asked for one, and what did not come through.

No ``from __future__ import annotations`` here, as in ``pages.py``.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Response
from fastapi.responses import HTMLResponse

from connectors import channel_texts as say
from connectors.channel_path import ChannelPath
from connectors.channels.base import ChannelLimits, ChannelPayload
from connectors.channels.windows import STAFF, Window, window_at
from connectors.errors import StoreError
from connectors.inbox import letters, tickets
from connectors.messages import OutgoingMessage
from connectors.portal.pages import page_environment
from connectors.settings import GatewaySettings
from connectors.staff.guard import StaffGate, check_token
from connectors.store.accounts import StaffAccounts, StaffUser
from connectors.store.contacts import close_contact, list_contacts
from connectors.store.database import Store
from connectors.store.tables import ContactNote, utc_now

HERE = Path(__file__).parent
PAGE_SIZE = 25
TEXT_LIMIT = 4_000
CONTACTS = "goi-lai"  # the part of the inbox page with people to call
NO_TICKETS: dict[str, object] = {"rows": [], "total": 0, "n_open": 0, "n_pages": 1, "alarms": [], "channels": {}, "mute_hours": 0}
Render = Callable[..., HTMLResponse]
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
TICKET_STATES = {"waiting": "Đang chờ", "open": "Cán bộ đang trả lời", "closed": "Đã đóng"}
FATES = {
    "ready": "đang chờ gửi", "sending": "đang gửi", "sent": "kênh đã nhận", "refused": "kênh từ chối",
    "unsure": "không rõ đã tới chưa", "dead": "không gửi được", "dropped": "người dân đã rời kênh", "resent": "đã gửi lại",
}  # fmt: skip
LETTER_STATES = {**FATES, "dead": "bỏ cuộc sau nhiều lần thử"}


def create_staff_inbox(settings: GatewaySettings, accounts: StaffAccounts, store: Store, path: ChannelPath | None) -> APIRouter:
    """``path``: None where no channel can be connected; the inbox then holds who left a contact in the web chat."""
    staff = APIRouter(prefix="/staff", include_in_schema=False)
    gate = StaffGate(accounts, settings.staff_session_s)
    environment = page_environment(HERE / "templates", HERE.parent / "portal" / "templates")
    environment.globals["local"] = _local

    def render(name: str, **values: object) -> HTMLResponse:
        shown = {"province": settings.province, "channel_names": say.CHANNEL_NAMES, "fates": FATES, "contacts_id": CONTACTS, **values}
        return HTMLResponse(environment.get_template(name).render(**shown))

    _add_inbox(staff, gate, store, path, render)
    _add_contacts(staff, gate, store)
    if path is not None:
        _add_tickets(staff, gate, path, render)
        _add_letters(staff, gate, path, render)
    return staff


def _add_inbox(staff: APIRouter, gate: StaffGate, store: Store, path: ChannelPath | None, render: Render) -> None:
    @staff.get("/inbox")
    def inbox(
        user: Annotated[StaffUser, Depends(gate.user)],
        state: Annotated[str, Query(pattern="^(open|closed)$")] = "open",
        page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    ) -> Response:
        shown = _tickets_shown(path, state, page) if path is not None else NO_TICKETS
        return render("inbox.html", user=user, state=state, page=page, states=TICKET_STATES, contacts=_contacts(store), **shown)


def _tickets_shown(path: ChannelPath, state: str, page: int) -> dict[str, object]:
    heads, total = _stored(path, tickets.list_tickets, state == "closed", (page - 1) * PAGE_SIZE, PAGE_SIZE)
    return {
        "rows": [(head, window_of(head.last_words_at, _limits(path, head.channel))) for head in heads],
        "total": total,
        "n_open": total if state == "open" else _stored(path, tickets.count_open),
        "n_pages": max(1, -(-total // PAGE_SIZE)),
        "alarms": _stored(path, letters.list_alarms),
        "channels": path.channels,
        "mute_hours": round(path.schedule.mute_s / 3600),
    }


def _contacts(store: Store) -> list[ContactNote]:
    try:
        return list_contacts(store)
    except StoreError as exc:
        raise HTTPException(503) from exc


def _add_contacts(staff: APIRouter, gate: StaffGate, store: Store) -> None:
    @staff.get("/contacts")
    def contacts(user: Annotated[StaffUser, Depends(gate.user)]) -> Response:
        """Where the list stood before; bookmarks go on working."""
        return _back(f"/staff/inbox#{CONTACTS}")

    @staff.post("/contacts/{number}")
    def close(
        number: str, user: Annotated[StaffUser, Depends(gate.user)], csrf_token: Annotated[str, Form()] = ""
    ) -> Response:
        check_token(csrf_token, user.csrf_token)
        try:
            is_known = close_contact(store, number)
        except StoreError as exc:
            raise HTTPException(503) from exc
        if not is_known:
            raise HTTPException(404)
        return _back(f"/staff/inbox#{CONTACTS}")


def _add_tickets(staff: APIRouter, gate: StaffGate, path: ChannelPath, render: Render) -> None:
    def show(ticket_id: int, user: StaffUser, unsent: str = "") -> HTMLResponse:
        """``unsent``: words that could not be sent; they stay in the field."""
        found = _stored(path, tickets.read_ticket, ticket_id)
        if found is None:
            raise HTTPException(404)
        head, lines = found
        window = window_of(head.last_words_at, _limits(path, head.channel))
        return render(
            "ticket.html", user=user, ticket=head, lines=lines, window=window, states=TICKET_STATES, limit=TEXT_LIMIT, unsent=unsent
        )

    @staff.get("/inbox/{ticket_id}")
    def ticket(ticket_id: int, user: Annotated[StaffUser, Depends(gate.user)]) -> Response:
        return show(ticket_id, user)

    @staff.post("/inbox/{ticket_id}/answer")
    def answer(
        ticket_id: int,
        user: Annotated[StaffUser, Depends(gate.user)],
        text: Annotated[str, Form(max_length=TEXT_LIMIT)] = "",
        csrf_token: Annotated[str, Form()] = "",
    ) -> Response:
        check_token(csrf_token, user.csrf_token)
        words = text.replace("\r\n", "\n").strip()
        head = _known(path, ticket_id)
        if not words:
            return _back(f"/staff/inbox/{ticket_id}")
        window = window_of(head.last_words_at, _limits(path, head.channel))
        if window["state"] == "closed":
            return _refused(show(ticket_id, user, words))
        payloads = _payloads(path, head, say.STAFF_SAYS.format(text=words), STAFF)
        if not _stored(path, tickets.answer_ticket, ticket_id, user.name, words, payloads, path.schedule.mute_s):
            raise HTTPException(404)
        return _back(f"/staff/inbox/{ticket_id}")

    @staff.post("/inbox/{ticket_id}/close")
    def close(
        ticket_id: int, user: Annotated[StaffUser, Depends(gate.user)], csrf_token: Annotated[str, Form()] = ""
    ) -> Response:
        check_token(csrf_token, user.csrf_token)
        head = _known(path, ticket_id)
        is_open = window_of(head.last_words_at, _limits(path, head.channel))["state"] == "free"  # no notice is paid for
        payloads = _payloads(path, head, say.STAFF_CLOSED, "notice") if is_open and head.taken_by else []
        if not _stored(path, tickets.close_ticket, ticket_id, user.name, payloads):
            raise HTTPException(404)
        return _back("/staff/inbox")


def _add_letters(staff: APIRouter, gate: StaffGate, path: ChannelPath, render: Render) -> None:
    def show(user: StaffUser, refusal: str = "") -> HTMLResponse:
        return render(
            "letters.html", user=user, rows=_stored(path, letters.list_letters), alarms=_stored(path, letters.list_alarms),
            states=LETTER_STATES, refusal=refusal,
        )  # fmt: skip

    @staff.get("/letters")
    def letter_list(user: Annotated[StaffUser, Depends(gate.user)]) -> Response:
        return show(user)

    @staff.post("/letters/{direction}/{letter_id}")
    def act(
        direction: str,
        letter_id: int,
        user: Annotated[StaffUser, Depends(gate.user)],
        action: Annotated[str, Form(pattern="^(replay|drop)$")],
        csrf_token: Annotated[str, Form()] = "",
    ) -> Response:
        check_token(csrf_token, user.csrf_token)
        work = letters.replay_letter if action == "replay" else letters.drop_letter
        if action == "replay" and (refusal := _closed_for(path, direction, letter_id)):
            return _refused(show(user, refusal))
        if direction not in ("in", "out") or not _stored(path, work, direction, letter_id):
            raise HTTPException(404)
        return _back("/staff/letters")


def window_of(last_words_at: datetime | None, limits: ChannelLimits | None) -> dict[str, object]:
    """How long the channel still lets us write, as staff read it.

    Returns:
        ``state``: ``free``, ``paid`` or ``closed``; ``text``: Vietnamese; ``hours``: hours left in this state, or None.
    """
    if limits is None:
        return {"state": "closed", "text": "Kênh này hiện không được nối.", "hours": None}
    window = window_at(limits, last_words_at, utc_now())
    hours = None if window.left_s is None else window.left_s / 3600
    return {"state": window.state, "text": _window_text(window, is_known=last_words_at is not None), "hours": hours}


def _window_text(window: Window, is_known: bool) -> str:
    if window.left_s is None:
        return "Kênh cho nhắn bất cứ lúc nào."
    left = _hours(window.left_s / 3600)
    if window.state == "free":
        return f"Còn {left} nhắn miễn phí."
    if window.state == "paid":
        return f"Đã hết thời gian miễn phí; còn {left} nhắn có tính phí."
    if not is_known:
        return "Không còn biết người dân nhắn lần cuối lúc nào, nên không nhắn được."
    return "Kênh không cho nhắn nữa, cho tới khi người dân nhắn lại."


def _hours(hours: float) -> str:
    """Rounded down: whoever relies on it must not be late."""
    return f"{int(hours * 60)} phút" if hours < 1 else f"{int(hours)} giờ"


def _stored(path: ChannelPath, work: object, *args: object) -> object:
    try:
        return path.database.run(work, *args)
    except StoreError as exc:
        raise HTTPException(503) from exc


def _known(path: ChannelPath, ticket_id: int) -> tickets.TicketHead:
    found = _stored(path, tickets.read_ticket, ticket_id)
    if found is None:
        raise HTTPException(404)
    return found[0]


def _closed_for(path: ChannelPath, direction: str, letter_id: int) -> str:
    """Why this letter cannot be replayed now, as staff read it; "" where it can, or where there is no such letter."""
    place = _stored(path, letters.place_of, direction, letter_id)
    limits = _limits(path, place.channel) if place is not None else None
    if place is None or (limits is not None and window_at(limits, place.last_words_at, utc_now()).allows(place.kind)):
        return ""
    return str(window_of(place.last_words_at, limits)["text"])


def _refused(page: HTMLResponse) -> HTMLResponse:
    """The page again, with the reason in it."""
    page.status_code = 409
    return page


def _payloads(path: ChannelPath, head: tickets.TicketHead, text: str, kind: str) -> list[ChannelPayload]:
    channel = path.channels.get(head.channel)
    if channel is None:
        raise HTTPException(503)
    return channel.render(OutgoingMessage(head.channel, head.chat_id, text, kind=kind))


def _limits(path: ChannelPath, channel: str) -> ChannelLimits | None:
    return path.channels[channel].limits if channel in path.channels else None


def _local(at: datetime | None) -> str:
    """UTC without zone, as the clock on the wall in Hà Nội says it."""
    return at.replace(tzinfo=UTC).astimezone(HANOI).strftime("%d/%m/%Y %H:%M") if at else ""


def _back(address: str) -> Response:
    return Response(status_code=303, headers={"Location": address})
