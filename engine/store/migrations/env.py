"""What Alembic runs; the connection comes from `engine.store.migrate`, never from a file."""

from alembic import context

from engine.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=True,
    user_module_prefix="types.",
)
context.run_migrations()
