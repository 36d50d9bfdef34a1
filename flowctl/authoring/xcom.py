"""What tasks leave for each other: reading XComs of any task and run.

Inside a task `ti.xcom_pull` is the usual way; this class serves code that has no task instance.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flowctl.authoring import ports, serialization, xcom_backend
from flowctl.authoring.ports import XComQuery, XComRow

XCOM_RETURN_KEY = "return_value"
MAX_XCOM_SIZE = 49344  # bytes that Airflow 1 allowed; nothing holds to it


def length_of(value: Any) -> int | None:
    """Return how many elements a value has that tasks can be mapped over, None if it is no such."""
    if not isinstance(value, Sequence | Mapping) or isinstance(value, str | bytes | bytearray):
        return None
    return len(value)


class LazyXComSelectSequence(Sequence[Any]):
    """What all instances of a mapped task left, by map index; read when it is looked at."""

    def __init__(self, rows: Sequence[XComRow], dag_id: str) -> None:
        self._rows = rows
        self._dag_id = dag_id

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return LazyXComSelectSequence(self._rows[index], self._dag_id)
        return xcom_backend.read(self._rows[index], self._dag_id)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as of a list

    def __str__(self) -> str:
        return str(list(self))

    def __repr__(self) -> str:
        return f"LazySelectSequence([{len(self)} item{'' if len(self) == 1 else 's'}])"


class BaseXCom:
    """Airflow's XCom: all of it is asked of the class, there are no instances."""

    @staticmethod
    def get_value(*, ti_key: Any, key: str | None = None) -> Any:
        """Return what one task instance left under `key`, None if nothing.

        Args:
            ti_key: what `ti.key` is: it has dag_id, run_id, task_id and map_index.
            key: the XCom's key; without one the task's return value.
        """
        return BaseXCom.get_one(
            key=key,
            dag_id=ti_key.dag_id,
            task_id=ti_key.task_id,
            run_id=ti_key.run_id,
            map_index=ti_key.map_index,
        )

    @staticmethod
    def get_one(
        *,
        key: str | None = None,
        dag_id: str,
        task_id: str,
        run_id: str,
        map_index: int | None = None,
        include_prior_dates: bool = False,
    ) -> Any:
        """Return what a task left under `key` in a run, None if nothing."""
        rows = BaseXCom.get_many(
            key=key,
            dag_ids=dag_id,
            task_ids=task_id,
            run_id=run_id,
            map_indexes=map_index,
            include_prior_dates=include_prior_dates,
        )
        return xcom_backend.read(rows[0], dag_id) if rows else None

    @staticmethod
    def get_many(
        *,
        key: str | None = None,
        dag_ids: str,
        task_ids: str | Iterable[str] | None = None,
        run_id: str,
        map_indexes: int | Iterable[int] | None = None,
        include_prior_dates: bool = False,
    ) -> Sequence[XComRow]:
        """Return the XComs that match, newest run first; their values are JSON text."""
        return ports.current().xcoms(
            XComQuery(
                dag_id=dag_ids,
                run_id=run_id,
                task_ids=_listed(task_ids),
                map_indexes=_listed(map_indexes),
                key=key or XCOM_RETURN_KEY,
                include_prior_dates=include_prior_dates,
            )
        )

    @staticmethod
    def serialize_value(value: Any, **_: Any) -> str:
        """Return the JSON text that is stored for `value`."""
        return serialization.dumps(value, is_xcom=True)

    @staticmethod
    def deserialize_value(result: Any) -> Any:
        """Return the value of one stored XCom."""
        return serialization.loads(result.value)

    def orm_deserialize_value(self) -> Any:
        """Return what a list shows of the value; for backends that override it."""
        return BaseXCom.deserialize_value(self)

    @staticmethod
    def purge(xcom: Any, *args: Any) -> None:
        """Remove what a backend keeps elsewhere; nothing is kept elsewhere here."""


XCom = BaseXCom


def _listed(given: Any) -> list[Any] | None:
    """Return one or several task ids or map indexes as a list; None means any."""
    if given is None:
        return None
    return [given] if isinstance(given, str | int) else list(given)
