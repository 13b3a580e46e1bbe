"""profile of a classification, heaviest passage of a label"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Columns without a default: neither database rewrites its rows."""

    op.add_column("classifications", sa.Column("profile", sa.Text(), nullable=True))
    op.add_column("labels", sa.Column("passage", JSON, nullable=True))


def downgrade() -> None:
    """Take back."""

    op.drop_column("labels", "passage")
    op.drop_column("classifications", "profile")
