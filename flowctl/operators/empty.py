"""A task that does nothing: a place where arrows meet. No process is started for it."""

from typing import Any

from flowctl.authoring.operator import BaseOperator


class EmptyOperator(BaseOperator):
    """Does nothing, successfully."""

    ui_color = "#e8f7e4"
    inherits_from_empty_operator = True

    def execute(self, context: Any) -> None:
        """Do nothing."""
