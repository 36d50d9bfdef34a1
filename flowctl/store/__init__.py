"""The metastore: the only place that knows tables and SQL.

Two databases, the same tables and the same tests: SQLite for one machine, PostgreSQL for more.

- A unit of work is opened by the caller, visibly: `with reading(engine)` or `with writing(engine)`
  (`engine`). Functions here take its connection and neither open nor commit. Only `database`,
  which makes the tables, opens its own.
- Every change of state names the state it leaves (`plans`, `outcomes`), and raises the `revision`
  of its run in the same transaction. A writer that comes too late changes no row.
- The scheduler reads through `snapshot`, people through `queries`; neither writes.
- After its commit a writer hints at it (`wake`). Hints may be lost, commits not.
- Secrets lie encrypted (`crypto`); who changed what lies in `events`.

On a crash: a transaction that did not commit never was, migrations included. When the database is
away or full, errors are transient (`engine.is_transient`) and idempotent work is done again
(`engine.retrying`); nobody exits for it.
"""
