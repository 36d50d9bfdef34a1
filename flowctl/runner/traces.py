"""Does an attempt leave its process as it found it?

If so, another can follow in the same process (`runner.brood`). It does where none of the user's
Python runs, before, in or after the task: a command for bash that is written down as text.

Its templates are rendered there. One that changes what it is offered, as
`{{ dag.tags.add("x") }}` does, cannot be told from one that reads.
"""

from typing import Any

from flowctl.authoring import plugins, policies, xcom_backend
from flowctl.authoring.dag import DAG
from flowctl.authoring.extra_links import links_of
from flowctl.authoring.settings import stored
from flowctl.operators.bash import BashOperator, as_it_is
from flowctl.runner.callbacks import STATES, callbacks_of

_OF_TEMPLATES = (
    "user_defined_macros",
    "user_defined_filters",
    "jinja_environment_kwargs",
    "template_undefined",
)
"""What a DAG may change in how its templates are rendered."""
_ADDED = ("listeners", "macros")  # of plugins; links are looked at task by task


def leaves_none(dag: Any, task: Any) -> bool:
    """Say whether the attempts of a task leave no trace, as far as can be told before one."""
    return (
        type(task) is BashOperator
        and type(dag) is DAG
        and task.output_processor is as_it_is
        and all(_is_plain(getattr(task, name)) for name in task.template_fields)
        and not _has_hooks(task)
        and not any(getattr(dag, name) for name in _OF_TEMPLATES)
        and not any(plugins.current.all_of(kind) for kind in _ADDED)
        and not policies.has_context_vars()
        and not xcom_backend.is_foreign()
        and not stored.secrets_backend
        and not stored.secrets_kept_s  # one try may keep what it was told, the next asks again
    )


def _is_plain(value: Any) -> bool:
    """Say whether a template field holds texts and nothing that has code of its own."""
    if type(value) is dict:
        return all(type(part) is str for entry in value.items() for part in entry)
    return value is None or type(value) is str


def _has_hooks(task: Any) -> bool:
    return (
        any(callbacks_of(task, event) for event in STATES)
        or task._pre_execute_hook is not None
        or task._post_execute_hook is not None
        or getattr(task, "retry_policy", None) is not None
        or bool(links_of(task))
        or any(hasattr(BashOperator, name) for name, value in vars(task).items() if callable(value))
    )
