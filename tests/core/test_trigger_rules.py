"""Every rule, for every mix of upstream states, decides as Airflow 2.10.5 does."""

import json
from pathlib import Path

import pytest

from flowctl.core.trigger_rules import RULES, Upstream, Verdict, verdict, why

ASKED = json.loads((Path(__file__).parent / "data/trigger_rules.json").read_text())
LETTERS = {
    "R": Verdict.RUN,
    "W": Verdict.WAIT,
    "S": Verdict.SKIP,
    "U": Verdict.UPSTREAM_FAILED,
}

# Airflow 2.10.5 refuses or replaces the two old names when the DAG is written
OLD_NAMES = {"dummy": "always", "none_failed_or_skipped": "none_failed_min_one_success"}


def upstream(mix: str) -> Upstream:
    """Return the counts of a mix such as "ssk-": two successes, one skipped, one unfinished."""
    return Upstream(
        total=len(mix),
        success=mix.count("s"),
        failed=mix.count("f"),
        upstream_failed=mix.count("u"),
        skipped=mix.count("k"),
        removed=mix.count("r"),
    )


@pytest.mark.parametrize("rule", ASKED["answers"])
def test_a_rule_decides_as_airflow_for_every_mix_of_upstream_states(rule: str) -> None:
    """209 mixes of up to four tasks in six states, and the task without upstream."""
    asked = dict(zip(ASKED["mixes"], ASKED["answers"][OLD_NAMES.get(rule, rule)], strict=True))

    ours = {mix: verdict(rule, upstream(mix)) for mix in asked}

    assert ours == {mix: LETTERS[letter] for mix, letter in asked.items()}


def test_every_rule_of_airflow_is_known_and_one_more() -> None:
    """The one that came with Airflow 3.1 is compared below, by its documented meaning."""
    assert set(RULES) == {*ASKED["answers"], "all_done_min_one_success"}


@pytest.mark.parametrize(
    ("mix", "expected"),
    [
        ("ss", Verdict.RUN),
        ("sf", Verdict.RUN),
        ("su", Verdict.RUN),
        ("sr", Verdict.RUN),
        ("s-", Verdict.WAIT),
        ("f-", Verdict.WAIT),
        ("ff", Verdict.UPSTREAM_FAILED),
        ("uf", Verdict.UPSTREAM_FAILED),
        ("rr", Verdict.UPSTREAM_FAILED),
        ("sk", Verdict.SKIP),
        ("kk", Verdict.SKIP),
        ("k-", Verdict.SKIP),
        ("fk", Verdict.SKIP),
    ],
)
def test_all_done_min_one_success_wants_all_ended_one_success_and_no_skip(
    mix: str, expected: Verdict
) -> None:
    """As in Airflow 3.3, a skipped upstream task skips the task at once."""
    assert verdict("all_done_min_one_success", upstream(mix)) is expected


def test_the_reason_names_the_rule_what_it_needs_and_who_is_missing() -> None:
    """One sentence serves the task that waits and the one that was settled."""
    counts = Upstream(total=3, success=1, failed=1)

    said = why("all_success", counts, failed=["load"], unfinished=["extract"])

    assert said == (
        "its rule all_success needs all 3 upstream tasks to succeed; "
        "1 failed (load), 1 not finished (extract), 1 succeeded"
    )


def test_the_reason_for_a_single_upstream_task_is_not_in_the_plural() -> None:
    """A chain is the most common of all DAGs."""
    assert why("one_success", Upstream(total=1), unfinished=["a"]) == (
        "its rule one_success needs its upstream task to succeed; 1 not finished (a)"
    )


def test_a_long_list_of_names_is_cut() -> None:
    """A sentence with a hundred names is not read."""
    names = [f"t{number}" for number in range(9)]

    said = why("all_done", Upstream(total=9), unfinished=names)

    assert said.endswith("9 not finished (t0, t1, t2, t3, t4, ...)")


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_can_say_what_it_needs(rule: str) -> None:
    """Also where it never waits."""
    assert why(rule, Upstream(total=2, success=2)).startswith(f"its rule {rule} needs ")
