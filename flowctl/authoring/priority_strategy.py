"""How much does a task weigh among those that are ready? (`airflow.task.priority_strategy`)

A user's strategy is asked when its DAG file is parsed, about each try that the task may have, in no
run: what it says of a try holds in all runs, and for all instances of a mapped task. Airflow asks
it in its scheduler, where flowctl runs no user code, so there it may look at the run. Where it does
here, the DAG file has a warning.
"""

from abc import ABC, abstractmethod
from typing import Any

from flowctl.authoring.arguments import checked_rule
from flowctl.authoring.dotted_names import import_string
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.rule_names import WeightRule
from flowctl.authoring.task_stand_in import TaskStandIn, warn_of_looks

TRIES_MAX = 20  # who tries more often has one weight for the rest


class PriorityWeightStrategy(ABC):
    """What users derive a strategy from, and give to a task as its `weight_rule`."""

    @abstractmethod
    def get_weight(self, ti: Any) -> int:
        """Return the weight of a task instance; the heavier starts first."""

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> "PriorityWeightStrategy":
        """Return the strategy that `serialize` made this of."""
        return cls(**data)

    def serialize(self) -> dict[str, Any]:
        """Return the arguments that make this strategy again."""
        return {}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return False
        return self.serialize() == other.serialize()

    def __hash__(self) -> int:
        return hash(type(self))


def strategy_of(rule: Any) -> PriorityWeightStrategy | None:
    """Return the strategy that `weight_rule` means: an object, its class or the name of that.

    None is said where it is none of these, perhaps the name of a rule.
    """
    if isinstance(rule, str) and "." in rule and rule not in set(WeightRule):
        rule = import_string(rule)
    if isinstance(rule, type) and issubclass(rule, PriorityWeightStrategy):
        rule = rule()
    return rule if isinstance(rule, PriorityWeightStrategy) else None


def checked_weight_rule(where: str, given: Any) -> PriorityWeightStrategy | str:
    """Return the strategy of a user, or the name of a rule.

    Raises:
        AirflowException: it is neither.
    """
    return strategy_of(given) or checked_rule(where, "weight_rule", given, WeightRule)


def weights(task: Any, strategy: PriorityWeightStrategy) -> tuple[int, ...]:
    """Return what a strategy answers for the tries of a task; the last also for all that follow.

    Raises:
        AirflowException: it raised, or answered no whole number.
    """
    found = [_weight(task, strategy, number) for number in range(1, _asked(task) + 1)]
    while len(found) > 1 and found[-1] == found[-2]:
        found.pop()
    return tuple(found)


def _asked(task: Any) -> int:
    return min(int(task.retries) + 1, TRIES_MAX)


def _weight(task: Any, strategy: PriorityWeightStrategy, try_number: int) -> int:
    where = f"weight_rule {type(strategy).__name__} of task {task.task_id!r}"
    try:
        stand_in = TaskStandIn(task, try_number)
        answer = strategy.get_weight(stand_in)
    except Exception as error:
        raise AirflowException(f"{where} raised {type(error).__name__}: {error}") from error
    if isinstance(answer, bool) or not isinstance(answer, int):
        raise AirflowException(f"{where} answered {answer!r}; return a whole number")
    warn_of_looks(f"weight_rule {type(strategy).__name__}", stand_in.looked_at)
    return answer
