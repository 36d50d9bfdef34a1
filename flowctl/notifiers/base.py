"""What do notifiers have in common? They are callbacks with template fields."""

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flowctl.authoring import rendering
from flowctl.authoring.logging_mixin import LoggingMixin
from flowctl.late import Late

if TYPE_CHECKING:
    import asyncio
else:
    asyncio = Late("asyncio")

_OF_A_MISSED_SLA = ("dag", "task_list", "blocking_task_list", "slas", "blocking_tis")


class BaseNotifier(LoggingMixin):
    """Tells somebody; a subclass says how in `notify` (or `async_notify`).

    An object may be given to many tasks: what is rendered is a copy, each time anew.
    """

    template_fields: Sequence[str] = ()
    template_ext: Sequence[str] = ()

    def __init__(self, **_: Any) -> None:
        """Take whatever subclasses hand on."""

    def __call__(self, *args: Any) -> None:
        """Render the template fields and notify; what goes wrong is logged.

        Args:
            args: the context, as callbacks of tasks and runs get it; or what an
                `sla_miss_callback` gets.
        """
        context = args[0] if len(args) == 1 else dict(zip(_OF_A_MISSED_SLA, args, strict=True))
        try:
            told = copy.copy(self)
            for field in self.template_fields:
                context[field] = getattr(self, field)
            told.render_template_fields(context)
            told._tell(context)
        except Exception as error:  # user code, and what it talks to
            self.log.exception("%s told nobody: %s", type(self).__name__, error)

    def _tell(self, context: Any) -> None:
        if type(self).notify is BaseNotifier.notify:
            asyncio.run(self.async_notify(context))
        else:
            self.notify(context)

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:
        """Render the template fields in place."""
        engine = rendering.engine()
        env = jinja_env or engine.environment(context.get("dag"))
        engine.load_files(self, env)
        engine.render_fields(self, context, env)

    def prepare_template(self) -> None:
        """Change the template fields before they are rendered; for subclasses."""

    def notify(self, context: Any) -> None:
        """Tell it."""
        raise NotImplementedError(f"{type(self).__name__} does not define notify(self, context)")

    async def async_notify(self, context: Any) -> None:
        """Tell it, in a class that has no `notify`."""
        raise NotImplementedError(f"{type(self).__name__} does not define notify(self, context)")
