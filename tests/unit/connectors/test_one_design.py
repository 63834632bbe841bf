"""One palette: the chat carries its own copy into strange pages, and the copy is that of the tokens."""

from __future__ import annotations

import re
from pathlib import Path

import connectors

ROOM = Path(connectors.__file__).parent
TOKENS = (ROOM / "pages/static/tokens.css").read_text(encoding="utf-8")
CHAT = (ROOM / "widget/src/chat.css").read_text(encoding="utf-8")
#: Name in the chat → name in the tokens, where they differ.
SAME = {"edge": "line-strong", "wash": "jade-wash", "warn": "warn-wash", "red": "lacquer"}


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def test_the_chat_has_the_colours_of_the_tokens_light_and_dark() -> None:
    halves = [text.split("@media (prefers-color-scheme: dark)", 1) for text in (TOKENS, CHAT)]
    for n, scheme in enumerate(("light", "dark")):
        tokens, chat = colours(halves[0][n]), colours(halves[1][n])
        shared = {name: SAME.get(name, name) for name in chat if SAME.get(name, name) in tokens and name not in ("gold",)}
        assert len(shared) >= 8, scheme
        assert {name: chat[name] for name in shared} == {name: tokens[other] for name, other in shared.items()}, scheme


def test_no_other_sheet_defines_colours_of_its_own() -> None:
    for sheet in ("portal/static/portal.css", "pages/static/pages.css", "pages/static/kiosk.css"):
        text = (ROOM / sheet).read_text(encoding="utf-8").split("@media print")[0]
        assert not re.search(r"--[\w-]+:\s*#", text), sheet
        used = set(re.findall(r"var\(--([\w-]+)", text))
        assert used <= set(re.findall(r"--([\w-]+):", TOKENS)), sheet
