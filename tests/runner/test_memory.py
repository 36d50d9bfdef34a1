"""A task over its memory limit fails and says so; the others never notice."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row

from flowctl import config
from flowctl.executors import choice
from flowctl.runner import cgroups
from flowctl.runner.cgroups import V1, V2, Groups
from tests.support.workshop import Workshop

DAGS = Path(__file__).parent / "dags"
REASON = re.compile(r"out of memory \(limit 160\.0 MiB, peak (\d+\.\d) MiB\)")


@pytest.fixture(scope="module", params=["auto", "resident"])
def ended(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[tuple[Workshop, dict[str, Row[Any]]]]:
    """Give the rows of the attempts, held to their limits in each of the ways there are."""
    folder = tmp_path_factory.mktemp("memory")
    if request.param == "auto" and cgroups.find(folder) is None:
        pytest.skip("no control groups can be made here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW__CORE__PARALLELISM", "5")
        patch.setenv("AIRFLOW__CORE__MEMORY_GUARD", request.param)
        url = f"sqlite:///{shutil.copy(sqlite_template, folder)}"
        shop = Workshop.make(folder, url, patch)
        shop.add((DAGS / "memory.py").read_text(), "memory.py")
        executor = choice.executor(config.load(), "LocalExecutor")
        executor.connect(shop.term)
        shop.executors.append(executor)
        orders = shop.order("memory")
        rows = shop.run(executor, list(orders.values()))
        yield shop, dict(zip(orders, rows, strict=True))
        shop.close()


Ended = tuple[Workshop, dict[str, Row[Any]]]


@pytest.mark.parametrize(
    ("task", "state"),
    [("greedy", "failed"), ("retries", "up_for_retry"), ("through_another", "failed")],
)
def test_what_takes_more_than_it_may_fails(ended: Ended, task: str, state: str) -> None:
    """All its processes count; the reason has the limit and the peak, and the log has it, too."""
    shop, rows = ended
    found = REASON.fullmatch(rows[task].reason)

    assert rows[task].state == state
    assert found is not None, rows[task].reason
    assert 150 <= float(found[1]) <= 500
    assert found[0] in shop.log(rows[task])


def test_what_keeps_to_its_limit_or_has_none_is_left_alone(ended: Ended) -> None:
    """`mem=None` takes back what the default args say."""
    _, rows = ended

    assert {rows[name].state for name in ("modest", "unlimited")} == {"success"}
    assert rows["modest"].peak_rss_bytes >= 40 * 2**20
    assert rows["unlimited"].peak_rss_bytes >= 400 * 2**20


@pytest.mark.parametrize("version", [V1, V2], ids=lambda version: version.name)
def test_the_files_of_a_group_are_those_of_its_version(
    tmp_path: Path, version: cgroups.Version
) -> None:
    """In a folder that stands for the kernel's, for only one version is mounted here."""
    groups = Groups(tmp_path, version)
    procs = Path(groups.make((7, 1), 2**31))
    (procs.parent / version.peak).write_text("123\n")
    (procs.parent / version.events).write_text("low 0\noom_kill 0\n")

    assert (procs.parent / version.limit).read_text() == str(2**31)
    assert groups.peak_bytes((7, 1)) == 123
    assert not groups.was_exceeded((7, 1))
    (procs.parent / version.events).write_text("low 0\noom_kill 2\n")
    assert groups.was_exceeded((7, 1))


def test_groups_are_made_beside_that_of_the_runner_or_within_it(tmp_path: Path) -> None:
    """Where version 2 shares memory out, or lets itself be told to."""
    proc, tree = tmp_path / "proc", tmp_path / "tree"
    own = tree / "flowctl.service" / "main"
    own.mkdir(parents=True)
    proc.mkdir()
    (proc / "cgroup").write_text("0::/flowctl.service/main\n")
    (proc / "mounts").write_text(f"cgroup2 {tree} cgroup2 rw,nosuid 0 0\n")
    (own.parent / "cgroup.subtree_control").write_text("cpu memory")

    assert next(cgroups.parents(proc)) == (own.parent, V2)


def test_without_the_controller_there_are_no_groups(tmp_path: Path) -> None:
    """Then resident memory is looked at."""
    (tmp_path / "cgroup").write_text("0::/\n")
    (tmp_path / "mounts").write_text(f"cgroup2 {tmp_path} cgroup2 rw 0 0\n")

    assert cgroups.find(tmp_path, tmp_path) is None
