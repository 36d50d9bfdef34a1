"""A cron expression in a time zone: the moments at which it strikes.

Clocks are changed, and wall times are then missing or come twice. The rules are those of Debian's
cron. An expression whose minute or hour field begins with `*` follows real time: it strikes
whenever the wall clock matches, so through a repeated hour twice and through a skipped one not at
all. Any other strikes once for each matching wall time: on the first of two equal ones, and at the
moment after the gap when its own is skipped.

Either way the strikes are one strictly increasing sequence, asked from both sides, so intervals
between them tile time in every zone, whatever the size of the shift.
"""

from datetime import UTC, datetime, timedelta, tzinfo

from flowctl.core.timetables.pattern import Pattern
from flowctl.core.timetables.zones import TICK, first_shift, last_shift, offset_at

_GAP_MAX = timedelta(days=2)  # the longest ever is 24 hours: Samoa left out a day


class CronTicks:
    """The strikes of one expression in one zone, as aware UTC datetimes."""

    def __init__(self, expression: str, zone: tzinfo) -> None:
        """Read the expression.

        Raises:
            ScheduleError: it is no cron expression, or no date ever matches it.
        """
        self._pattern = Pattern(expression)
        self._zone = zone

    def after(self, moment: datetime) -> datetime:
        """Return the first strike after `moment`.

        Raises:
            NoMoreDates: there is none.
        """
        if self._pattern.follows_real_time:
            return self._real_after(moment)
        return self._daily_after(moment)

    def before(self, moment: datetime) -> datetime:
        """Return the last strike before `moment`.

        Raises:
            NoMoreDates: there is none.
        """
        if self._pattern.follows_real_time:
            return self._real_before(moment)
        return self._daily_before(moment)

    def at_or_after(self, moment: datetime) -> datetime:
        """Return `moment` if it is a strike, else the next one."""
        return self.after(moment - TICK)

    def at_or_before(self, moment: datetime) -> datetime:
        """Return `moment` if it is a strike, else the one before."""
        return self.before(moment + TICK)

    def _real_after(self, moment: datetime) -> datetime:
        offset, wall = self._clock(moment)
        while True:
            tick = _utc(self._pattern.after(wall), offset)
            shift = first_shift(self._zone, moment, tick)
            if shift is None:
                return tick
            moment = shift
            offset, wall = self._clock(shift)
            wall -= TICK  # the moment of the shift itself may be a strike

    def _real_before(self, moment: datetime) -> datetime:
        while True:
            offset, wall = self._clock(moment - TICK)
            tick = _utc(self._pattern.before(wall + TICK), offset)
            shift = last_shift(self._zone, tick, moment)
            if shift is None:
                return tick
            moment = shift

    def _daily_after(self, moment: datetime) -> datetime:
        wall = self._clock(moment)[1]
        while True:
            wall = self._pattern.after(wall)
            tick = self._moment_of(wall)
            if tick > moment:
                return tick

    def _daily_before(self, moment: datetime) -> datetime:
        wall = self._clock(moment)[1] + self._repeated(moment)
        while True:
            wall = self._pattern.before(wall)
            tick = self._moment_of(wall)
            if tick < moment:
                return tick

    def _clock(self, moment: datetime) -> tuple[timedelta, datetime]:
        """Return the offset from UTC and what the wall clock shows."""
        local = moment.astimezone(self._zone)
        offset = local.utcoffset()
        assert offset is not None
        return offset, local.replace(tzinfo=None)

    def _moment_of(self, wall: datetime) -> datetime:
        """Return when the wall clock first shows `wall`, or the end of the gap that skips it."""
        tick = wall.replace(tzinfo=self._zone).astimezone(UTC)
        if self._clock(tick)[1] == wall:
            return tick
        end_of_gap = last_shift(self._zone, tick - _GAP_MAX, tick + TICK)
        assert end_of_gap is not None
        return end_of_gap

    def _repeated(self, moment: datetime) -> timedelta:
        """Return by how much the clock was just put back, if it shows a time again; else zero."""
        local = moment.astimezone(self._zone)
        if not local.fold:
            return timedelta(0)
        return offset_at(self._zone, local.replace(fold=0).astimezone(UTC)) - offset_at(
            self._zone, moment
        )


def _utc(wall: datetime, offset: timedelta) -> datetime:
    return (wall - offset).replace(tzinfo=UTC)
