"""Failures of the content store; a branch of knowledge/errors.py.

ContentStoreError
└── ReleaseMissing   there is no such release, or none to go back to
"""

from __future__ import annotations

from knowledge.errors import KnowledgeError


class ContentStoreError(KnowledgeError):
    """The database of content cannot be reached, is full, or failed; nothing of the transaction was kept."""


class ReleaseMissing(ContentStoreError):
    """No release to do that with; the message says which was looked for."""
