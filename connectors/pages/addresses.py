"""Addresses of pages: one canonical path a record, readable, and stable by its code."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from nlu.diacritics import bare

SLUG_LIMIT = 80


def slug(name: str) -> str:
    """Lower-case ASCII words with hyphens, cut at a word: "Đăng ký khai sinh" → "dang-ky-khai-sinh"."""
    words = re.findall(r"[a-z0-9]+", bare(name))
    text = ""
    for word in words:
        if len(text) + len(word) >= SLUG_LIMIT:
            break
        text = f"{text}-{word}" if text else word
    return text


def procedure_path(code: str, name: str) -> str:
    tail = slug(name)
    return f"/thu-tuc/{quote(code, safe='')}" + (f"-{tail}" if tail else "")


def checklist_path(code: str) -> str:
    return f"/thu-tuc/{quote(code, safe='')}/danh-sach"


def code_of(reference: str) -> str:
    """The code in "1.001193-thu-tuc-dang-ky-khai-sinh"."""
    return reference.split("-", 1)[0]


def plan_path(plan_id: str) -> str:
    return f"/ke-hoach/{quote(plan_id, safe='')}"


def safe_url(url: str) -> str:
    """An address one may link to; "" for anything but http and https."""
    try:
        return url if urlsplit(url).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def is_reachable_from_elsewhere(base: str) -> bool:
    """False for an address that only this machine understands: no use in a QR code."""
    host = urlsplit(base).hostname or ""
    if host == "localhost" or "." not in host and ":" not in host:
        return False
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return True
