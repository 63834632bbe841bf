"""Rasa's conversations in memory, bounded: citizens' words are never written to disk, and memory does not grow.

Runs in Rasa's own environment (Python 3.10), named by bot/endpoints.yml. A conversation that was dropped loses
nothing: the gateway sends its context (codes and short marks) with every message.
"""

from __future__ import annotations

from typing import Any

from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.trackers import DialogueStateTracker

DEFAULT_MAX_CONVERSATIONS = 2_000


class BoundedTrackerStore(InMemoryTrackerStore):
    """Keeps the conversations used last.

    Args:
        max_conversations: more than these are dropped, least recently saved first.
    """

    def __init__(
        self, domain: Any, event_broker: Any = None, max_conversations: int = DEFAULT_MAX_CONVERSATIONS, **kwargs: Any
    ) -> None:
        kwargs.pop("host", None)  # Rasa passes the endpoint's url as host
        super().__init__(domain, event_broker, **kwargs)
        self._max_conversations = int(max_conversations)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the conversation as the newest and drop the oldest beyond the bound."""
        self.store.pop(tracker.sender_id, None)
        await super().save(tracker)
        while len(self.store) > self._max_conversations:
            self.store.pop(next(iter(self.store)))
