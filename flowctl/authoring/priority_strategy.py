"""How much does a task weigh among those that are ready? (`airflow.task.priority_strategy`)

A user's strategy is asked when its DAG file is parsed, for the first try of the task in no run; the
answer holds for all. Airflow asks it for each try, in its scheduler, where flowctl runs no user
code.
"""

from abc import ABC, abstractmethod
from typing import Any

from flowctl.authoring.dotted_names import import_string
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.rule_names import WeightRule
from flowctl.authoring.task_stand_in import TaskStandIn


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


def weight(task: Any, strategy: PriorityWeightStrategy) -> int:
    """Return what a strategy answers for a task.

    Raises:
        AirflowException: it raised, or answered no whole number.
    """
    where = f"weight_rule {type(strategy).__name__} of task {task.task_id!r}"
    try:
        answer = strategy.get_weight(TaskStandIn(task))
    except Exception as error:
        raise AirflowException(f"{where} raised {type(error).__name__}: {error}") from error
    if isinstance(answer, bool) or not isinstance(answer, int):
        raise AirflowException(f"{where} answered {answer!r}; return a whole number")
    return answer
