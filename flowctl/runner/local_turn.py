"""What is done with one task after the other of a run in this process: skipped, expanded, run?"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flowctl.core import mapping
from flowctl.core.spec import Length
from flowctl.core.states import TaskState
from flowctl.core.trigger_rules import Upstream, Verdict, asks_nothing, verdict, why
from flowctl.runner import local_tries
from flowctl.runner.local_instances import Instance, length_of
from flowctl.runner.local_memory import LocalRun

_UNMET = (Verdict.SKIP, Verdict.UPSTREAM_FAILED)

_log = logging.getLogger("flowctl.local")


@dataclass(frozen=True, slots=True)
class Turn:
    """Takes one instance after the other; all that is before it has ended."""

    local: LocalRun
    dag: Any
    around: Mapping[str, Iterable[str]]  # setup tasks that hold for one, but not directly before it
    marked: re.Pattern[str] | None
    now: Callable[[], datetime]

    def settle_or_run(self, one: Instance) -> None:
        """Do with an instance what its trigger rule says."""
        local, length = self.local, length_of(one.task)
        if self.marked and self.marked.search(one.task_id):
            local.states[one.name] = TaskState.SUCCESS
            _log.info("%s: marked as success", one.name)
            return
        found, reason = self._judge(one)
        count = None
        if found is Verdict.RUN and length is not None and one.map_index < 0:
            found, reason, count = self._count(length)
        if count:
            for instance in local.expand(one.task_id, count):
                self.settle_or_run(instance)
        elif found is Verdict.RUN:
            local_tries.run(local, self.dag, one, self.now)
        else:
            skips = found is Verdict.SKIP
            local.states[one.name] = TaskState.SKIPPED if skips else TaskState.UPSTREAM_FAILED
            _log.info("%s: %s, %s", one.name, "skipped" if skips else "upstream failed", reason)

    def _judge(self, one: Instance) -> tuple[Verdict, str]:
        local, task = self.local, one.task
        if (
            self.dag.fail_stop
            and not task.is_teardown
            and TaskState.FAILED in local.states.values()
        ):
            return Verdict.SKIP, "another task failed and the DAG has fail_stop"
        if (one.task_id, one.map_index) in local.left_out:
            return Verdict.SKIP, "a task before it decided not to run it"
        rule = str(task.trigger_rule)
        upstream = _upstream(local, task.upstream_task_ids, one, local.instances.before)
        setups_around = self.around.get(one.task_id, ())
        before = _upstream(local, setups_around, one, local.instances.relevant)
        if not asks_nothing(rule) and verdict("all_success", before) in _UNMET:
            rule, upstream = "all_success", before
        return verdict(rule, upstream), why(rule, upstream)

    def _count(self, length: Length) -> tuple[Verdict, str, int | None]:
        """Say what the results mean that a task is mapped over, and how many elements they have."""
        for source in mapping.sources(length):
            meaning = mapping.UNMAPPABLE.get(self.local.states.get(source, TaskState.NONE))
            if meaning is not None:
                state = self.local.states[source]
                return meaning, f"{source!r}, which it is mapped over, is {state.value}", None
        count = mapping.count(length, self.local.length)
        if count is None:
            return Verdict.UPSTREAM_FAILED, "there is no list to map it over", None
        verdict_of_all = Verdict.RUN if count else Verdict.SKIP
        return verdict_of_all, "there is nothing to map it over", count


def _upstream(
    local: LocalRun,
    task_ids: Iterable[str],
    one: Instance,
    counting: Callable[[str, Instance], Sequence[Instance]],
) -> Upstream:
    found = [(local.states[b.name], b.task) for name in task_ids for b in counting(name, one)]
    states = [state for state, _ in found]
    setup_states = [state for state, task in found if task.is_setup]
    return Upstream(
        total=len(states),
        success=states.count(TaskState.SUCCESS),
        failed=states.count(TaskState.FAILED),
        upstream_failed=states.count(TaskState.UPSTREAM_FAILED),
        skipped=states.count(TaskState.SKIPPED),
        setups=len(setup_states),
        setups_success=setup_states.count(TaskState.SUCCESS),
        setups_skipped=setup_states.count(TaskState.SKIPPED),
    )
