"""Values of other libraries go through an XCom and back; run where those libraries are."""

import sys
from datetime import UTC, datetime

import attrs
import numpy
import pandas
import pydantic

from flowctl.authoring.serialization import dumps, loads
from flowctl.authoring.settings import stored


@attrs.define
class Point:
    x: int
    _y: int = 2


class Model(pydantic.BaseModel):
    when: datetime
    points: list[int] = []


TABLE = pandas.DataFrame(
    {
        "number": [1, 2, 3],
        "part": [0.1, float("nan"), 3.0],
        "text": ["a", None, "c"],
        "yes": [True, False, True],
        "when": pandas.to_datetime(["2024-01-01", None, "2024-01-03"]),
        "there": pandas.date_range("2024-03-31", periods=3, freq="h", tz="Europe/Berlin"),
        "long": pandas.to_timedelta([1, 2, 3], unit="s"),
        "maybe": pandas.array([1, None, 3], dtype="Int64"),
    },
    index=pandas.Index(["x", "y", "z"], name="key"),
)
BIG = pandas.DataFrame(numpy.arange(600_000, dtype="float64").reshape(-1, 6) / 7)

stored.xcom_classes = ("__main__.*", "")
for table in (TABLE, TABLE.reset_index(drop=True), TABLE.iloc[:0], BIG):
    pandas.testing.assert_frame_equal(loads(dumps(table)), table, check_freq=False)
for name in TABLE:
    pandas.testing.assert_series_equal(loads(dumps(TABLE[name])), TABLE[name], check_freq=False)
for array in (
    numpy.arange(6).reshape(2, 3),
    numpy.array([0.1, numpy.nan], dtype="float32"),
    numpy.array(["a", "bc"]),
    numpy.array(["2024-01-01", "NaT"], dtype="datetime64[D]"),
    numpy.array([[True], [False]]),
):
    found = loads(dumps(array))
    assert found.dtype == array.dtype
    numpy.testing.assert_array_equal(found, array)
assert loads(dumps(numpy.float64(1.5))) == 1.5
assert loads(dumps([Point(1, 5)])) == [Point(1, 5)]
model = Model(when=datetime(2024, 1, 1, tzinfo=UTC), points=[1])
assert loads(dumps({"m": model})) == {"m": model}
sys.stdout.write("all came back\n")
