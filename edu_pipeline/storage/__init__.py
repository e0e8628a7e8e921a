"""Layer 2, the store-room: engine, COPY, migrations, embedded PostgreSQL. SQL is executed here and in flow only.

statements, rows -> PostgreSQL

What does not belong here: what a statement means (the rooms build it), when it runs (flow).
"""
