"""Run by Alembic; the connection comes from ``connectors.store.database``."""

from __future__ import annotations

from alembic import context

from connectors.inbox import tables as _inbox  # noqa: F401  (registers its tables)
from connectors.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
