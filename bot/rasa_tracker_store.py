"""Rasa's conversations in memory, bounded: citizens' words are never written to disk, and memory does not grow.

Runs in Rasa's own environment (Python 3.10), named by bot/endpoints.yml. A conversation that was dropped loses
nothing: the gateway sends its context (codes and short marks) with every message.
"""

from __future__ import annotations

import time
from typing import Any

from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.trackers import DialogueStateTracker

DEFAULT_MAX_CONVERSATIONS = 2_000
DEFAULT_MAX_AGE_S = 3_600  # as long as the gateway keeps a conversation's context


class BoundedTrackerStore(InMemoryTrackerStore):
    """Keeps the conversations used last.

    Args:
        max_conversations: more than these are dropped, least recently saved first.
        max_age_s: conversations not saved for so long are dropped when the next one is saved.
    """

    def __init__(
        self,
        domain: Any,
        event_broker: Any = None,
        max_conversations: int = DEFAULT_MAX_CONVERSATIONS,
        max_age_s: float = DEFAULT_MAX_AGE_S,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("host", None)  # Rasa passes the endpoint's url as host
        super().__init__(domain, event_broker, **kwargs)
        self._max_conversations = int(max_conversations)
        self._max_age_s = float(max_age_s)
        self._saved_at: dict[str, float] = {}  # sender id → monotonic time, oldest first, as in ``store``

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the conversation as the newest and drop the oldest beyond the bound."""
        self._drop(tracker.sender_id)
        await super().save(tracker)
        self._saved_at[tracker.sender_id] = time.monotonic()
        while self._saved_at and (len(self.store) > self._max_conversations or self._is_oldest_aged()):
            self._drop(next(iter(self._saved_at)))

    def _is_oldest_aged(self) -> bool:
        return time.monotonic() - next(iter(self._saved_at.values())) > self._max_age_s

    def _drop(self, sender_id: str) -> None:
        self.store.pop(sender_id, None)
        self._saved_at.pop(sender_id, None)
