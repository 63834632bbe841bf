"""What needs no search: a dossier's state is never invented, a person is found under the number that was set."""

from __future__ import annotations

from actions.reply import Context
from actions.skills import hand_off, track_dossier
from nlu.entities import extract_entities
from nlu.types import Understanding


def understood(intent: str, text: str = "") -> Understanding:
    return Understanding(text, intent, 0.9, (), extract_entities(text))


def test_a_dossier_code_is_never_repeated_nor_its_state_invented() -> None:
    reply = track_dossier(understood("track_dossier", "H25.12-260701-0042"), Context())
    assert "H25" not in str(reply.to_json())
    assert reply.procedure is None and not reply.citations


def test_a_second_message_after_the_code_is_not_asked_for_it_again() -> None:
    reply = track_dossier(understood("track_dossier", "thế bao giờ xong"), Context(last_status="tracking_code_given"))
    assert reply.status == "tracking_code_given"


def test_the_hotline_told_is_the_one_that_was_set() -> None:
    assert "1900 0000" in hand_off(understood("handoff"), Context(), "1900 0000").messages[0].text
