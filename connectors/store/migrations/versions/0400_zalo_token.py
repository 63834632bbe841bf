"""The pair of tokens of a Zalo application, with the lease of whoever renews it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0400"
down_revision = "0300"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "zalo_token",
        sa.Column("app_id", sa.String(32), primary_key=True),
        sa.Column("access_token", sa.Text, nullable=False),
        sa.Column("refresh_token", sa.Text, nullable=False),
        sa.Column("obtained_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("fault", sa.String(64), nullable=False),
        sa.Column("tried_at", sa.DateTime, nullable=True),
        sa.Column("lease_by", sa.String(64), nullable=False),
        sa.Column("lease_until", sa.DateTime, nullable=True),
        sa.Column("seed_digest", sa.String(64), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("zalo_token")
