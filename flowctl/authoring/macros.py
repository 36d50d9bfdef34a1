"""What templates find under `macros`: dates, times and a few modules.

Source: the list of macros in Airflow 2.10's template reference.
"""

import importlib
import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flowctl.errors import FlowctlError
from flowctl.late import Late

if TYPE_CHECKING:
    import uuid
    from random import random

    import dateutil
    import pendulum
else:
    pendulum = Late("pendulum")

__all__ = (
    "datetime",
    "datetime_diff_for_humans",
    "dateutil",
    "ds_add",
    "ds_format",
    "ds_format_locale",
    "json",
    "random",
    "time",
    "timedelta",
    "uuid",
)


_LATE: Mapping[str, Callable[[], Any]] = {
    "dateutil": lambda: importlib.import_module("dateutil"),
    "random": lambda: importlib.import_module("random").random,
    "uuid": lambda: importlib.import_module("uuid"),
    "yaml": lambda: importlib.import_module("yaml"),
}
"""What is loaded when a template asks for it; hardly one does."""


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return _LATE[name]()
    raise AttributeError(f"there is no macro {name!r}")


def ds_add(ds: str, days: int) -> str:
    """Return the date `days` after `ds`, both as YYYY-MM-DD; `days` may be negative."""
    if not days:
        return str(ds)
    return (_parsed(ds, "%Y-%m-%d") + timedelta(days=days)).strftime("%Y-%m-%d")


def ds_format(ds: str, input_format: str, output_format: str) -> str:
    """Return the date `ds`, written as `input_format`, in `output_format`."""
    return _parsed(ds, input_format).strftime(output_format)


def ds_format_locale(
    ds: str, input_format: str, output_format: str, locale: Any | None = None
) -> str:
    """Return the date `ds` in a Babel `output_format` ("EEEE dd MMMM yyyy") and a language.

    Args:
        ds: a date.
        input_format: how `ds` is written, as for `strptime`.
        output_format: how to write it, in Babel's patterns.
        locale: "en_US" and the like; without one that of LC_TIME, else "en_US".

    Raises:
        FlowctlError: the package Babel is not installed.
    """
    try:
        dates = importlib.import_module("babel.dates")
    except ModuleNotFoundError:
        raise FlowctlError(
            "the macro ds_format_locale needs the package Babel; install it: pip install Babel"
        ) from None
    text: str = dates.format_datetime(
        _parsed(ds, input_format), format=output_format, locale=locale or dates.LC_TIME or "en_US"
    )
    return text


def datetime_diff_for_humans(dt: Any, since: Any | None = None) -> str:
    """Return how far `dt` is from `since`, else from now, in words: "2 days ago"."""
    return str(pendulum.instance(dt).diff_for_humans(since))


def _parsed(ds: str, format_: str) -> datetime:
    return datetime.strptime(str(ds), format_)  # noqa: DTZ007 - a date of a template has no zone
