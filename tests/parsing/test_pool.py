"""The pool of parser children, and the zygote that it has only while it needs one."""

import select
from pathlib import Path

from flowctl.parsing.discovery import Found
from flowctl.parsing.options import Options
from flowctl.parsing.pool import Parsed, Pool

DEADLINE_S = 60.0


def harvest_one(pool: Pool) -> Parsed:
    """Wait for the end of one job."""
    while True:
        ready, _, _ = select.select([pool], [], [], DEADLINE_S)
        assert ready, "no child ended in time"
        if ended := pool.harvest():
            return ended[0]


def test_an_idle_zygote_goes_and_the_next_job_starts_another(tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    file.write_text("from airflow import DAG\ndag = DAG('one', schedule=None)\n")
    options = Options(dags_folder=tmp_path, log_folder=tmp_path / "logs")
    found = next(iter(options.discovery().sweep().files.values()))
    assert isinstance(found, Found)
    pool = Pool(1, rest_after_s=0.0)
    try:
        for number in (1, 2):
            pool.submit(options.job(found, number))
            pool.rest()
            assert pool.rest_at_s() is None, "a zygote that works must not rest"
            parsed = harvest_one(pool)
            assert parsed.report is not None
            assert [spec.dag_id for spec in parsed.report.specs] == ["one"]
            assert pool.rest_at_s() is not None
            pool.rest()
            assert pool.rest_at_s() is None
    finally:
        pool.close()
