"""What are trigger rules and weight rules called in DAG files?

What a rule means, `core.trigger_rules` and `core.graph` know.
"""

from enum import StrEnum


class TriggerRule(StrEnum):
    """When a task may start, given how its upstream tasks ended."""

    ALL_SUCCESS = "all_success"
    ALL_FAILED = "all_failed"
    ALL_DONE = "all_done"
    ALL_DONE_MIN_ONE_SUCCESS = "all_done_min_one_success"
    ALL_DONE_SETUP_SUCCESS = "all_done_setup_success"
    ALL_SKIPPED = "all_skipped"
    ONE_SUCCESS = "one_success"
    ONE_FAILED = "one_failed"
    ONE_DONE = "one_done"
    NONE_FAILED = "none_failed"
    NONE_FAILED_MIN_ONE_SUCCESS = "none_failed_min_one_success"
    NONE_FAILED_OR_SKIPPED = "none_failed_or_skipped"  # the name before 2.2 of the one above
    NONE_SKIPPED = "none_skipped"
    ALWAYS = "always"
    DUMMY = "dummy"  # the name before 2.0 of the one above

    @classmethod
    def is_valid(cls, trigger_rule: str) -> bool:
        """Say whether there is such a rule."""
        return trigger_rule in cls.all_triggers()

    @classmethod
    def all_triggers(cls) -> set[str]:
        """Return the names of all rules."""
        return set(cls)


ASKS_NOTHING = (TriggerRule.ALWAYS, TriggerRule.DUMMY)


class WeightRule(StrEnum):
    """Whose priority weights are added to a task's own."""

    DOWNSTREAM = "downstream"
    UPSTREAM = "upstream"
    ABSOLUTE = "absolute"  # nobody's

    @classmethod
    def is_valid(cls, weight_rule: str) -> bool:
        """Say whether there is such a rule."""
        return weight_rule in cls.all_weight_rules()

    @classmethod
    def all_weight_rules(cls) -> set[str]:
        """Return the names of all rules."""
        return set(cls)
