"""A task's log looks like Airflow's."""

import logging
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowctl.authoring import masking
from flowctl.runner import tasklog


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with warnings.catch_warnings():
        yield
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)


def test_lines_have_time_place_and_level_and_prints_have_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tasklog.configure()
    logging.getLogger("airflow.task").info("loaded %d rows", 3)
    print("plain")  # noqa: T201 - what user code does

    first, second = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}\] \{test_tasklog\.py:\d+\} INFO"
        r" - loaded 3 rows",
        first,
    )
    assert second == "plain"


def test_what_a_dag_file_set_up_is_replaced() -> None:
    logging.getLogger().addHandler(logging.NullHandler())
    tasklog.configure(logging.WARNING)

    assert len(logging.getLogger().handlers) == 1
    assert logging.getLogger().level == logging.WARNING


def test_secrets_that_went_past_python_are_blanked_where_they_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where two blocks meet; all else keeps its place."""
    monkeypatch.setattr(tasklog, "BLOCK_BYTES", 16)
    log = tmp_path / "a.log"
    log.write_bytes(b"0123456789 hidden-word 0123456789 hidden-word\xff ab\n")
    masking.mask_secret("hidden-word")
    masking.mask_secret("ab")
    try:
        tasklog.hide_secrets_in_file(str(log))
    finally:
        masking.forget()

    assert log.read_bytes() == b"0123456789 *********** 0123456789 ***********\xff ab\n"


def test_half_a_secret_at_the_end_is_blanked_too(tmp_path: Path) -> None:
    """Whoever wrote it was killed."""
    log = tmp_path / "a.log"
    log.write_bytes(b"hidden-word and hidden-wo")
    masking.mask_secret("hidden-word")
    try:
        tasklog.hide_half_a_secret(str(log))
    finally:
        masking.forget()

    assert log.read_bytes() == b"hidden-word and *********"
