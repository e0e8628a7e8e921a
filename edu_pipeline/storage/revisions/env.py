"""Alembic's entry: runs revisions on the connection that storage/migrate.py hands over."""

from alembic import context

import edu_pipeline.contracts.identity
import edu_pipeline.contracts.memory
import edu_pipeline.contracts.star
import edu_pipeline.contracts.term
import edu_pipeline.contracts.year  # noqa: F401
from edu_pipeline.contracts.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, include_schemas=True)
with context.begin_transaction():
    context.run_migrations()
