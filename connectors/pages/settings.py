"""What can be set about the public pages, the kiosk and the notice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from connectors.errors import SettingsError


@dataclass(frozen=True)
class PagesSettings:
    """Addresses, times and files of the pages.

    Attributes:
        public_url: where citizens reach this server ("https://hoi.tinh.gov.vn"); canonical addresses, the sitemap and
            QR codes begin with it. "" takes the address of each request.
        kiosk_idle_s: a kiosk that nobody touches for so long wipes itself; it warns ``kiosk_warning_s`` before.
        helper_idle_s: the same for the volunteer's screen.
        has_kiosk_printer: the kiosk offers to print; else a QR code only.
        notice_file: where the switch keeps the notice that replaces the assistant; None for no switch.
    """

    public_url: str = ""
    kiosk_idle_s: float = 90.0
    kiosk_warning_s: float = 20.0
    helper_idle_s: float = 600.0
    has_kiosk_printer: bool = False
    notice_file: Path | None = None

    def __post_init__(self) -> None:
        is_address = self.public_url.startswith(("http://", "https://")) and not set(self.public_url) & set(" <>\"'")
        if self.public_url and not is_address:
            raise SettingsError(f"setting public_url: expected an address such as https://hoi.tinh.gov.vn, got {self.public_url!r}")
        for name in ("kiosk_idle_s", "helper_idle_s"):
            if getattr(self, name) <= self.kiosk_warning_s:
                raise SettingsError(f"setting {name}: expected more than {self.kiosk_warning_s:g} seconds, got {getattr(self, name)!r}")
