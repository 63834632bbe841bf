"""What an operator can set about the widget."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.errors import SettingsError
from connectors.widget.office_hours import OfficeHours


@dataclass(frozen=True)
class WidgetSettings:
    """Looks and limits of the chat.

    Attributes:
        hotline: telephone number shown beside "a person", "" for none.
        office_hours: when staff get back to people (see ``office_hours.py``); empty when not told.
        takes_contacts: whether people may leave a telephone number for staff to call.
        has_voice: whether typing by voice is offered; some browsers send the sound to their maker.
        questions_per_minute: questions of one session a minute, 0 for no limit. Direct loopback callers are never
            limited, as with the limit by address.
        shows_gallery: whether ``/widget/gallery`` answers others than this machine.
        catalogue_path: the pages without chat, named to readers without JavaScript; "" where there are none.
    """

    hotline: str = ""
    office_hours: OfficeHours = OfficeHours(())
    takes_contacts: bool = True
    has_voice: bool = True
    questions_per_minute: int = 15
    shows_gallery: bool = False
    catalogue_path: str = ""

    def __post_init__(self) -> None:
        if self.questions_per_minute < 0:
            raise SettingsError(f"setting questions_per_minute: expected 0 or more, got {self.questions_per_minute}")
