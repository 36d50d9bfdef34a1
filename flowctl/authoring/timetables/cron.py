"""Timetables of cron expressions.

What begins with an underscore are the steps that users' subclasses of Airflow's call.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flowctl import clock
from flowctl.authoring.moments import plain_utc, shown
from flowctl.authoring.settings import NOTSET, is_set
from flowctl.authoring.timetables.contract import Timetable
from flowctl.authoring.timetables.known import KnownTimetable
from flowctl.authoring.timetables.lengths import (
    from_plain,
    length_fields,
    length_of,
    to_plain,
    zone_text,
)
from flowctl.core.spec import ScheduleSpec
from flowctl.core.timetables import PRESETS
from flowctl.late import Late

if TYPE_CHECKING:
    from flowctl.core.timetables import ticks, zones
else:
    ticks = Late("flowctl.core.timetables.ticks")
    zones = Late("flowctl.core.timetables.zones")


class _Cron(KnownTimetable):
    """What cron timetables share."""

    @property
    def summary(self) -> str:
        """Return the expression; a preset is written out."""
        return self._expression

    @property
    def _expression(self) -> str:
        text = self.schedule_spec.expression
        return PRESETS.get(text, text)

    @property
    def _timezone(self) -> Any:
        return zones.zone_of(self.schedule_spec.timezone)

    @property
    def _ticks(self) -> "ticks.CronTicks":
        return ticks.CronTicks(self._expression, self._timezone)

    def _get_next(self, current: datetime) -> Any:
        return shown(self._ticks.after(plain_utc(current)))

    def _get_prev(self, current: datetime) -> Any:
        return shown(self._ticks.before(plain_utc(current)))

    def _align_to_next(self, current: datetime) -> Any:
        return shown(self._ticks.at_or_after(plain_utc(current)))

    def _align_to_prev(self, current: datetime) -> Any:
        return shown(self._ticks.at_or_before(plain_utc(current)))

    def serialize(self) -> dict[str, Any]:
        """Return expression and zone."""
        return {"expression": self._expression, "timezone": self.schedule_spec.timezone}


class CronDataIntervalTimetable(_Cron):
    """Runs for the intervals between the strikes of a cron expression, each at its end."""

    def __init__(self, cron: str, timezone: Any = "UTC") -> None:
        zone = zone_text(timezone)
        summary = PRESETS.get(cron, cron)
        self.schedule_spec = ScheduleSpec("cron", expression=cron, timezone=zone, summary=summary)

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """Return the timetable that `serialize` made this of."""
        return cls(data["expression"], data["timezone"])

    def _skip_to_latest(self, earliest: datetime | None) -> Any:
        now = clock.utcnow()
        start = shown(self._ticks.before(self._ticks.at_or_before(now)))
        return start if earliest is None else max(start, self._align_to_next(earliest))


class CronTriggerTimetable(_Cron):
    """Runs at the strikes of a cron expression.

    Args:
        cron: an expression or a preset.
        timezone: where it ticks.
        interval: how far the data of a run reaches back from its strike.
        run_immediately: of a DAG without a start date, whether its first run is for the last
            strike (True), the next one (False), or the last one if that is no longer ago than a
            duration.
    """

    def __init__(
        self,
        cron: str,
        *,
        timezone: Any,
        interval: Any = timedelta(0),
        run_immediately: bool | timedelta | None = NOTSET,
    ) -> None:
        self.schedule_spec = ScheduleSpec(
            "cron",
            expression=cron,
            timezone=zone_text(timezone),
            trigger=True,
            summary=PRESETS.get(cron, cron),
            **length_fields(interval),
            **_first_run(run_immediately),
        )

    @property
    def _interval(self) -> Any:
        return length_of(self.schedule_spec)

    def serialize(self) -> dict[str, Any]:
        """Return expression, zone, interval and, where it was given, `run_immediately`."""
        return {
            **super().serialize(),
            "interval": to_plain(self._interval),
            **_first_run_plain(self.schedule_spec),
        }

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """Return the timetable that `serialize` made this of."""
        return cls(
            data["expression"],
            timezone=data["timezone"],
            interval=from_plain(data["interval"]),
            run_immediately=_first_run_of(data),
        )


class MultipleCronTriggerTimetable(KnownTimetable):
    """Runs at the strikes of several cron expressions; the arguments are `CronTriggerTimetable`'s.

    Raises:
        ValueError: there is no expression.
    """

    def __init__(
        self,
        *crons: str,
        timezone: Any,
        interval: Any = timedelta(0),
        run_immediately: bool | timedelta | None = NOTSET,
    ) -> None:
        if not crons:
            raise ValueError("MultipleCronTriggerTimetable needs one cron expression at least")
        expressions = tuple(PRESETS.get(cron, cron) for cron in crons)
        self.schedule_spec = ScheduleSpec(
            "crons",
            expressions=expressions,
            timezone=zone_text(timezone),
            summary=", ".join(expressions),
            **length_fields(interval),
            **_first_run(run_immediately if is_set(run_immediately) else False),
        )

    def serialize(self) -> dict[str, Any]:
        """Return expressions, zone, interval and `run_immediately`."""
        spec = self.schedule_spec
        return {
            "expressions": list(spec.expressions),
            "timezone": spec.timezone,
            "interval": to_plain(length_of(spec)),
            **_first_run_plain(spec),
        }

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """Return the timetable that `serialize` made this of."""
        return cls(
            *data["expressions"],
            timezone=data["timezone"],
            interval=from_plain(data["interval"]),
            run_immediately=_first_run_of(data),
        )


def _first_run(run_immediately: Any) -> dict[str, Any]:
    if not is_set(run_immediately):
        return {}
    return {"needs_start": False, "run_immediately": run_immediately}


def _first_run_plain(spec: ScheduleSpec) -> dict[str, Any]:
    if spec.needs_start:
        return {}
    value = spec.run_immediately
    return {"run_immediately": value.total_seconds() if isinstance(value, timedelta) else value}


def _first_run_of(data: dict[str, Any]) -> Any:
    value = data.get("run_immediately", NOTSET)
    is_length = isinstance(value, int | float) and not isinstance(value, bool)
    return timedelta(seconds=value) if is_length else value
