"""Where the log of an attempt is."""

from pathlib import Path

import msgspec
import pytest

from flowctl.core.attempt import Order
from flowctl.runner import logfiles
from tests.runner.fakes import RUN


def test_the_path_is_airflows() -> None:
    order = Order(RUN, ti_id=1, try_number=2, task_id="load")

    assert logfiles.path(order) == f"dag_id=sales/run_id={RUN.run_id}/task_id=load/attempt=2.log"


@pytest.mark.parametrize("letter", ["x", "é"])
def test_the_longest_ids_have_logs_of_their_own(tmp_path: Path, letter: str) -> None:
    run = msgspec.structs.replace(RUN, dag_id=letter * 250)
    paths = [
        tmp_path / logfiles.path(Order(run, ti_id=1, try_number=1, task_id=letter * 249 + last))
        for last in "ab"
    ]
    for path in paths:
        path.parent.mkdir(parents=True)
        path.touch()

    assert len(set(paths)) == 2
