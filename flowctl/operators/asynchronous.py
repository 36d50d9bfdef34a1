"""Operators whose work is a coroutine."""

from typing import TYPE_CHECKING, Any

from flowctl.authoring.operator import BaseOperator
from flowctl.late import Late

if TYPE_CHECKING:
    import asyncio
else:
    asyncio = Late("asyncio")


class BaseAsyncOperator(BaseOperator):
    """A task that awaits things; own ones define `aexecute`. Each try has an event loop."""

    is_async = True

    async def aexecute(self, context: Any) -> Any:
        """Do the work.

        Raises:
            NotImplementedError: the class does not say how.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define aexecute")

    def execute(self, context: Any) -> Any:
        """Run `aexecute` to its end, and return what it returns."""
        return asyncio.run(self.aexecute(context))
