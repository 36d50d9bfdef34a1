"""The record that each row of the table of options is."""

from typing import NamedTuple

from flowctl.config.kinds import Kind


class Option(NamedTuple):
    """One option.

    `no_effect` is empty for an option that flowctl acts on. Otherwise it says why setting the
    option changes nothing; whoever sets it is told so, because an option that is taken and then
    forgotten is worse than one that is refused.
    """

    section: str
    key: str
    kind: Kind
    doc: str
    sensitive: bool = False
    old: tuple[tuple[str, str], ...] = ()
    no_effect: str = ""

    @property
    def name(self) -> str:
        """How people write it: `[section] key`."""
        return f"[{self.section}] {self.key}"

    @property
    def honoured(self) -> bool:
        """Say whether flowctl acts on it."""
        return not self.no_effect

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"AIRFLOW__{self.section.replace('.', '_').upper()}__{self.key.upper()}"
