"""A task that does nothing but say where a song can be heard."""

from typing import Any

from flowctl.authoring.operator import BaseOperator


class SmoothOperator(BaseOperator):
    """Logs a link to the song of its name."""

    ui_color = "#e8f7e4"
    yt_link = "https://www.youtube.com/watch?v=4TYv2PhG89A"

    def execute(self, context: Any) -> None:  # noqa: ARG002 - the contract
        """Log the link."""
        self.log.info("Sade, Smooth Operator: %s", self.yt_link)
