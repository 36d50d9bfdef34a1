"""Shapes that several kinds of things share."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, TypeVar

import msgspec

from flowctl.web.paging import OrderedPage
from flowctl.web.reading import Moment, When

T = TypeVar("T", bound=msgspec.Struct)


class TimeDelta(msgspec.Struct, tag_field="__type", tag="TimeDelta"):
    days: int
    seconds: int
    microseconds: int

    @classmethod
    def of(cls, value: timedelta) -> "TimeDelta":
        """Return a duration as Airflow's API writes it."""
        return cls(value.days, value.seconds, value.microseconds)


Part = dict[str, Any]
"""An answer with the wanted fields alone."""


def only(answer: T, inside: str, wanted: Collection[str] | None) -> T | Part:
    """Return an answer with the wanted fields alone.

    Args:
        inside: the list whose entries have the fields; "" for the answer itself.
    """
    if not wanted:
        return answer
    plain: Part = msgspec.to_builtins(answer)
    entries = plain[inside] if inside else [plain]
    cut = [{name: entry[name] for name in wanted} for entry in entries]
    return {**plain, inside: cut} if inside else cut[0]


class Moments(OrderedPage, kw_only=True):
    """A page of a list whose entries lie between moments."""

    execution_date_gte: Moment | None = None
    execution_date_lte: Moment | None = None
    start_date_gte: Moment | None = None
    start_date_lte: Moment | None = None
    end_date_gte: Moment | None = None
    end_date_lte: Moment | None = None
    updated_at_gte: Moment | None = None
    updated_at_lte: Moment | None = None


class TaskReference(msgspec.Struct):
    """Which task instance."""

    task_id: str
    dag_id: str
    execution_date: When
    dag_run_id: str


class TaskReferences(msgspec.Struct):
    """What was changed, or would be."""

    task_instances: list[TaskReference]
    total_entries: int
