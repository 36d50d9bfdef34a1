"""What a person may do to one run: delete it, write a note to it or to one of its tasks."""

from sqlalchemy import Connection, delete, update

from flowctl.store.schema import dag_run, task_instance


def remove(conn: Connection, run_pk: int) -> None:
    """Delete a run with its task instances; the leader ends what runs of it."""
    conn.execute(delete(dag_run).where(dag_run.c.id == run_pk))


def set_note(conn: Connection, run_pk: int, note: str | None) -> None:
    """Write a note to a run; None takes it away."""
    conn.execute(update(dag_run).where(dag_run.c.id == run_pk).values(note=note))


def set_task_note(conn: Connection, ti_id: int, note: str | None) -> None:
    """Write a note to a task instance; None takes it away."""
    conn.execute(update(task_instance).where(task_instance.c.id == ti_id).values(note=note))
