"""The filters that Airflow adds to Jinja: how dates are written."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any


def _none_stays(written: Callable[[Any], str]) -> Callable[[Any], str | None]:
    return lambda value: None if value is None else written(value)


def _ts(value: datetime) -> str:
    return value.isoformat()


def _strftime(format_: str) -> Callable[[date], str]:
    return lambda value: value.strftime(format_)


FILTERS: Mapping[str, Callable[[Any], str | None]] = {
    "ds": _none_stays(_strftime("%Y-%m-%d")),
    "ds_nodash": _none_stays(_strftime("%Y%m%d")),
    "ts": _none_stays(_ts),
    "ts_nodash": _none_stays(_strftime("%Y%m%dT%H%M%S")),
    "ts_nodash_with_tz": _none_stays(lambda value: _ts(value).replace("-", "").replace(":", "")),
}
