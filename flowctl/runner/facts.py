"""What the scheduler is told of attempts, in the words of `runner.messages`."""

from collections.abc import Sequence

import msgspec

from flowctl.authoring.xcom import XCOM_RETURN_KEY
from flowctl.core.attempt import Ended, Outcome
from flowctl.core.headroom import HEAVY_BYTES
from flowctl.core.run import NO_LENGTH
from flowctl.core.states import CONTINUED, TaskState
from flowctl.runner.messages import RunFact, TaskFact
from flowctl.store import outcomes

PLAIN_BYTES_MAX = 8192
"""What is larger would hold up the scheduler, and fill the socket of one that does not read."""


def is_plain(outcome: Outcome) -> bool:
    """Say whether the scheduler may write an outcome together with what follows from it.

    Not where writing it moves other rows that decide what follows, or has others do something.
    """
    others = outcome.skip or outcome.deferral or outcome.assets or outcome.callback or outcome.mail
    return not others and len(msgspec.json.encode(outcome)) <= PLAIN_BYTES_MAX


def told(outcome: Outcome) -> TaskFact:
    """Return what an outcome makes of its task instance."""
    return TaskFact(
        outcome.ti_id,
        outcome.try_number,
        outcome.state,
        outcome.retry_at,
        outcome.waiting_since if outcome.state in CONTINUED else None,
        _left(outcome),
        outcome.deferral.method if outcome.deferral else None,
        outcome.branch,
        _peak(outcome),
    )


def of_runs(
    recorded: outcomes.Recorded, started: Sequence[outcomes.Started], ended: Sequence[Ended]
) -> list[RunFact]:
    """Return what a commit made of the runs that it was about."""
    found = {
        pk: RunFact(
            pk, revision, [], recorded.skipped.get(pk, []), is_all=pk not in recorded.surprises
        )
        for pk, revision in recorded.revisions.items()
    }
    for begun in started:
        if begun.run_pk in found:
            found[begun.run_pk].tasks.append(
                TaskFact(begun.ti_id, begun.try_number, TaskState.RUNNING)
            )
    for entry in ended:
        if entry.run_pk in found:
            found[entry.run_pk].tasks.append(told(entry.outcome))
    return list(found.values())


def _left(outcome: Outcome) -> int | None:
    if XCOM_RETURN_KEY not in outcome.xcoms:
        return None
    return NO_LENGTH if outcome.length is None else outcome.length


def _peak(outcome: Outcome) -> int:
    peak = outcome.peak_rss_bytes or 0
    return peak if peak >= HEAVY_BYTES else 0
