"""May a task run, now that its upstream tasks stand like this?

Each trigger rule is a pure function from the counts of the direct upstream tasks to a `Verdict`.
A rule settles a task as early as its outcome is certain: `all_success` skips at the first skipped
upstream task, it does not wait for the others. What the setup tasks around a task change, and what
the instances of a mapped task change, is not known here.

Source: the behaviour of Airflow 2.10.5's scheduler, compared for every mix of up to four upstream
tasks, and for `all_done_min_one_success` that of Airflow 3.3.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What a rule says about a task."""

    RUN = "run"
    WAIT = "wait"
    SKIP = "skip"
    UPSTREAM_FAILED = "upstream_failed"


@dataclass(slots=True)
class Upstream:
    """How many direct upstream tasks there are, and how many of them ended in each state."""

    total: int
    success: int = 0
    failed: int = 0
    upstream_failed: int = 0
    skipped: int = 0
    removed: int = 0
    setups: int = 0  # so many of them are setup tasks
    setups_success: int = 0
    setups_skipped: int = 0

    def __add__(self, other: "Upstream") -> "Upstream":
        return Upstream(
            self.total + other.total,
            self.success + other.success,
            self.failed + other.failed,
            self.upstream_failed + other.upstream_failed,
            self.skipped + other.skipped,
            self.removed + other.removed,
            self.setups + other.setups,
            self.setups_success + other.setups_success,
            self.setups_skipped + other.setups_skipped,
        )

    @property
    def done(self) -> int:
        """Return how many have ended, in whatever state."""
        return self.success + self.failed + self.upstream_failed + self.skipped + self.removed

    @property
    def all_done(self) -> bool:
        """Say whether none is unfinished."""
        return self.done >= self.total

    @property
    def any_failed(self) -> bool:
        """Say whether one failed, or could not run because another one did."""
        return bool(self.failed or self.upstream_failed)


Rule = Callable[[Upstream], Verdict]

RULES: dict[str, Rule] = {}
"""Every rule by its name, the old names included."""

_NEEDS: dict[str, str] = {}
"""What a rule asks for, as the end of "its rule X needs ..."."""


def _rule(needs: str, *old_names: str) -> Callable[[Rule], Rule]:
    """Enter a function into the tables, under its own name and `old_names`."""

    def enter(rule: Rule) -> Rule:
        for name in (rule.__name__, *old_names):
            RULES[name], _NEEDS[name] = rule, needs
        return rule

    return enter


def _run_if(is_met: bool) -> Verdict:
    return Verdict.RUN if is_met else Verdict.WAIT


@_rule("{all} to succeed")
def all_success(upstream: Upstream) -> Verdict:
    """Run once every upstream task succeeded."""
    if upstream.any_failed:
        return Verdict.UPSTREAM_FAILED
    if upstream.skipped:
        return Verdict.SKIP
    return _run_if(upstream.success >= upstream.total)


@_rule("{all} to fail")
def all_failed(upstream: Upstream) -> Verdict:
    """Run once every upstream task failed; skip as soon as one did not."""
    if upstream.success or upstream.skipped:
        return Verdict.SKIP
    return _run_if(upstream.failed + upstream.upstream_failed >= upstream.total)


@_rule("{all} to be finished, in whatever state")
def all_done(upstream: Upstream) -> Verdict:
    """Run once every upstream task ended."""
    return _run_if(upstream.all_done)


@_rule("{all} to be finished, and a setup task among them to succeed")
def all_done_setup_success(upstream: Upstream) -> Verdict:
    """Run once every upstream task ended, if a setup among them succeeded; the rule of teardowns.

    Without setup tasks this is `all_done`.
    """
    if not upstream.all_done:
        return Verdict.WAIT
    if not upstream.setups or upstream.setups_success:
        return Verdict.RUN
    is_skipped = upstream.setups_skipped >= upstream.setups
    return Verdict.SKIP if is_skipped else Verdict.UPSTREAM_FAILED


@_rule("{all} to be finished, one of them with success, and none skipped")
def all_done_min_one_success(upstream: Upstream) -> Verdict:
    """Run once every upstream task ended and one succeeded; a skipped one skips this task."""
    if upstream.skipped:
        return Verdict.SKIP
    if not upstream.all_done:
        return Verdict.WAIT
    return Verdict.RUN if upstream.success else Verdict.UPSTREAM_FAILED


@_rule("{one} to succeed")
def one_success(upstream: Upstream) -> Verdict:
    """Run at the first success; without any, end as the upstream tasks did."""
    if upstream.success:
        return Verdict.RUN
    if not upstream.all_done:
        return Verdict.WAIT
    return Verdict.SKIP if upstream.skipped == upstream.done else Verdict.UPSTREAM_FAILED


@_rule("{one} to fail")
def one_failed(upstream: Upstream) -> Verdict:
    """Run at the first failure; skip when there was none."""
    if upstream.any_failed:
        return Verdict.RUN
    return Verdict.SKIP if upstream.all_done else Verdict.WAIT


@_rule("{one} to succeed or fail")
def one_done(upstream: Upstream) -> Verdict:
    """Run at the first upstream task that really ran to its end; skip when none did."""
    if upstream.success or upstream.failed:
        return Verdict.RUN
    return Verdict.SKIP if upstream.all_done else Verdict.WAIT


@_rule("{all} to succeed or be skipped")
def none_failed(upstream: Upstream) -> Verdict:
    """Run once every upstream task succeeded or was skipped."""
    if upstream.any_failed:
        return Verdict.UPSTREAM_FAILED
    return _run_if(upstream.success + upstream.skipped >= upstream.total)


@_rule(
    "{all} to succeed or be skipped, and one of them to succeed",
    "none_failed_or_skipped",
)
def none_failed_min_one_success(upstream: Upstream) -> Verdict:
    """Run once every upstream task succeeded or was skipped, but not all were skipped."""
    if not upstream.any_failed and upstream.skipped >= upstream.total:
        return Verdict.SKIP
    return none_failed(upstream)


@_rule("{all} to be finished, and none skipped")
def none_skipped(upstream: Upstream) -> Verdict:
    """Run once every upstream task ended, none of them skipped."""
    return Verdict.SKIP if upstream.skipped else all_done(upstream)


@_rule("{all} to be skipped")
def all_skipped(upstream: Upstream) -> Verdict:
    """Run once every upstream task was skipped; skip as soon as one was not."""
    if upstream.success or upstream.any_failed:
        return Verdict.SKIP
    return _run_if(upstream.skipped >= upstream.total)


@_rule("nothing", "dummy")
def always(_upstream: Upstream) -> Verdict:
    """Run at once."""
    return Verdict.RUN


def asks_nothing(rule: str) -> bool:
    """Say whether a rule of that name lets a task run whatever becomes of those before it."""
    return RULES[rule] is always


def verdict(rule: str, upstream: Upstream) -> Verdict:
    """Say what the rule of that name makes of `upstream`; a task without upstream tasks runs.

    Raises:
        KeyError: there is no such rule; `RULES` names them all.
    """
    return RULES[rule](upstream) if upstream.total else Verdict.RUN


def why(
    rule: str,
    upstream: Upstream,
    *,
    failed: Sequence[str] = (),
    skipped: Sequence[str] = (),
    unfinished: Sequence[str] = (),
) -> str:
    """Say in words what the rule needs and how the upstream tasks stand.

    The same words explain a task that waits and one that was skipped or failed by its rule.

    Args:
        failed: ids of upstream tasks that failed or whose own upstream did; may be left out.
        skipped: ids of those that were skipped; may be left out.
        unfinished: ids of those that have not ended; may be left out.
    """
    named: tuple[tuple[int, str, Sequence[str]], ...] = (
        (upstream.failed + upstream.upstream_failed, "failed", failed),
        (upstream.skipped, "skipped", skipped),
        (upstream.removed, "removed from the DAG", ()),
        (upstream.total - upstream.done, "not finished", unfinished),
        (upstream.success, "succeeded", ()),
    )
    standing = ", ".join(_counted(*part) for part in named if part[0] > 0)
    alone, many = "its upstream task", f"{upstream.total} upstream tasks"
    needs = _NEEDS[rule].format(
        all=f"all {many}" if upstream.total > 1 else alone,
        one=f"one of {many}" if upstream.total > 1 else alone,
    )
    return f"its rule {rule} needs {needs}; {standing or 'it has no upstream tasks'}"


_NAMES_MAX = 5  # a sentence with more names is no longer read


def _counted(count: int, state: str, names: Sequence[str]) -> str:
    """Return for example "2 failed (extract, load)"."""
    if not names:
        return f"{count} {state}"
    shown = ", ".join(names[:_NAMES_MAX])
    return f"{count} {state} ({shown}{', ...' if len(names) > _NAMES_MAX else ''})"
