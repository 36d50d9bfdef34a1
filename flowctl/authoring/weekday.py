"""Which day of the week is it? Numbered as `isoweekday()` does it."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Union


class WeekDay(IntEnum):
    """The days of the week."""

    MONDAY = 1
    TUESDAY = 2
    WEDNESDAY = 3
    THURSDAY = 4
    FRIDAY = 5
    SATURDAY = 6
    SUNDAY = 7

    @classmethod
    def get_weekday_number(cls, week_day_str: str) -> "WeekDay":
        """Return the day with an English name, however it is capitalised.

        Raises:
            AttributeError: no day has this name.
        """
        try:
            return cls[week_day_str.upper()]
        except KeyError:
            raise AttributeError(
                f"{week_day_str!r} is no day of the week; those are"
                f" {', '.join(day.name.title() for day in cls)}"
            ) from None

    @classmethod
    def convert(cls, day: Union[str, "WeekDay"]) -> int:
        """Return the number of a day or of the name of a day."""
        return day if isinstance(day, WeekDay) else cls.get_weekday_number(day)

    @classmethod
    def validate_week_day(
        cls, week_day: Union[str, "WeekDay", Iterable[Union[str, "WeekDay"]]]
    ) -> set[int]:
        """Return the numbers of one day or of several.

        Raises:
            TypeError: that is neither a day nor several.
        """
        if isinstance(week_day, str | WeekDay):
            return {cls.convert(week_day)}
        if not isinstance(week_day, Iterable):
            raise TypeError(f"{week_day!r} is no day of the week and no list of them")
        return {cls.convert(day) for day in week_day}
