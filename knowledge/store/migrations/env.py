"""Run by Alembic; the connection comes from ``knowledge.store.database``.

A chain of its own beside that of connectors/store, with a table of its own for its place in it: docs/decisions/0012.
"""

from __future__ import annotations

from alembic import context

from knowledge.store.database import VERSION_TABLE
from knowledge.store.tables import ContentBase

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=ContentBase.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
