"""What does it mean that flowctl drains?"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Drain:
    """Somebody lets all of flowctl finish what runs, and start nothing new."""

    by: str
    since: datetime

    @property
    def reason(self) -> str:
        """Say why nothing starts."""
        return (
            f"{self.by} lets flowctl drain since {self.since:%Y-%m-%d %H:%M:%S %Z}: nothing new"
            " starts; go on with: flowctl drain --off"
        )
