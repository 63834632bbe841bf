"""Starts Rasa's command line with five repairs. Runs in Rasa's own environment (Python 3.10).

``python -m bot.rasa_launcher run|train|test …`` takes Rasa's arguments. Imports Rasa and the standard
library only.

1. The answer of a custom action is checked against the same JSON schema, by a validator built once:
   building it anew took about three quarters of the time of a turn.
2. The token (environment variable ``MOTCUA_RASA_TOKEN``) never stands on the command line, and it guards
   every route but ``/``, the REST channel too, which Rasa itself leaves open.
3. Log entries lose every field that can hold a person's words, at any level.
4. No telemetry.
5. It ends when its parent does, in whatever way that happened (see ``end_with_parent``).
"""

from __future__ import annotations

import hmac
import os
import signal
import sys
import threading
from collections.abc import Callable, MutableMapping
from typing import Any

TOKEN_VARIABLE = "MOTCUA_RASA_TOKEN"
LIFELINE_VARIABLE = "MOTCUA_RASA_LIFELINE"
WITHHELD = "[withheld]"

# Fields of Rasa's structured log entries that carry messages, trackers, slots or events (rasa 3.6.21,
# rasa/utils/log_utils.py names most of them; "exception" and "exc_info" can quote them).
_PERSONAL_FIELDS = frozenset(
    ["text", "response_text", "user_text", "slot_values", "parse_data_text", "parse_data_entities", "prediction_events", "tracker_latest_message", "prefilled_slots", "message", "response", "slot_candidates", "rasa_event", "rasa_events", "tracker_states", "current_states", "old_states", "successes", "current_entity", "next_entity", "states", "entity", "token_text", "user_message", "json_message", "event_info", "slots", "latest_message", "payload", "body"]
)


def main() -> None:
    """Repair Rasa, then hand over to its command line."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    lifeline = os.environ.pop(LIFELINE_VARIABLE, "")
    if lifeline:
        end_with_parent(int(lifeline))
    token = os.environ.pop(TOKEN_VARIABLE, "")
    withhold_personal_data()
    validate_actions_once()
    if token:
        guard_routes(token)
    sys.argv = ["rasa", *sys.argv[1:]]
    from rasa.__main__ import main as rasa_main

    rasa_main()


def end_with_parent(lifeline: int) -> None:
    """Watch a pipe that only the parent can write to and never does: its end is the parent's.

    A killed parent could not end us, and an orphan would keep the port, the token and the memory. (The system's
    own "signal at the parent's death" is sent when the thread that started us ends; ours does.)
    """

    def wait() -> None:
        os.read(lifeline, 1)
        if os.getpgrp() == os.getpid():
            os.killpg(os.getpgrp(), signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()


def validate_actions_once() -> None:
    """Replace ``RemoteAction._validate_action_result`` by the same check with a validator built once.

    Raises:
        RuntimeError: this Rasa has no such method; the repair was written for 3.6.
    """
    from jsonschema import ValidationError
    from jsonschema.validators import validator_for
    from rasa.core.actions.action import RemoteAction

    if not hasattr(RemoteAction, "_validate_action_result"):
        raise RuntimeError("expected RemoteAction._validate_action_result (Rasa 3.6), found none; check the Rasa version")
    schema = RemoteAction.action_response_format_spec()
    validator_class = validator_for(schema)
    validator_class.check_schema(schema)
    validator = validator_class(schema)

    def validate_action_result(self: Any, result: dict[str, Any]) -> bool:
        # The first error suffices to refuse; its own message would quote the answer, citizens' words included.
        error = next(validator.iter_errors(result), None)
        if error is None:
            return True
        path = "/".join(str(part) for part in error.absolute_path) or "(top)"
        raise ValidationError(
            f"answer of {self.name()}: expected Rasa's action response format, "
            f"refused at {path} by the rule {error.validator!r}; mend the action"
        )

    RemoteAction._validate_action_result = validate_action_result  # type: ignore[method-assign]


def guard_routes(token: str) -> None:
    """Ask every request but ``GET /`` for the token, as ``?token=`` or ``Authorization: Bearer``."""
    import rasa.core.run
    from sanic.response import json

    configure = rasa.core.run.configure_app

    def configure_guarded(*args: Any, **kwargs: Any) -> Any:
        app = configure(*args, **kwargs)

        @app.middleware("request")
        async def check_token(request: Any) -> Any:
            if request.path == "/" or is_authorised(request.args.get("token"), request.headers.get("authorization"), token):
                return None
            return json({"status": "failure", "reason": "NotAuthenticated"}, status=401)

        return app

    rasa.core.run.configure_app = configure_guarded


def is_authorised(query: str | None, header: str | None, token: str) -> bool:
    """Whether either place holds the token; compared in constant time."""
    given = query or (header or "").partition("Bearer ")[2]
    return hmac.compare_digest(given.encode(), token.encode())


def withhold_personal_data() -> None:
    """Put a filter before everything Rasa's structured log writes."""
    import rasa.utils.log_utils as log_utils

    anonymise: Callable[..., Any] = log_utils._anonymizer

    def withhold(logger: Any, method: str, entry: MutableMapping[str, Any]) -> Any:
        return anonymise(logger, method, withhold_fields(entry))

    log_utils._anonymizer = withhold


def withhold_fields(entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank the personal fields; of an exception only its kind stays."""
    for key in _PERSONAL_FIELDS.intersection(entry):
        entry[key] = WITHHELD
    if entry.get("exc_info"):
        kind = sys.exc_info()[0]
        entry["exc_info"] = False
        entry["error_kind"] = kind.__name__ if kind else "unknown"
    return entry


if __name__ == "__main__":
    main()
