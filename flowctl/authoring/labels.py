"""How is an arrow between two tasks given a label? `first >> Label("when empty") >> second`."""

from typing import Any

from flowctl.authoring.dependencies import DependencyMixin


class EdgeModifier(DependencyMixin):
    """Stands between what it links, and links it as soon as both sides are known."""

    def __init__(self, label: str | None = None) -> None:
        self.label = label
        self._befores: list[Any] = []
        self._afters: list[Any] = []

    @property
    def roots(self) -> list[Any]:
        """Return nothing: arrows pass through a label."""
        return []

    @property
    def leaves(self) -> list[Any]:
        """Return nothing: arrows pass through a label."""
        return []

    def update_relative(
        self,
        other: Any,
        upstream: bool = True,
        edge_modifier: Any = None,  # noqa: ARG002 - part of the contract
    ) -> None:
        """Remember one side of the arrow and link it with all that is known of the other side."""
        (self._befores if upstream else self._afters).append(other)
        for far in self._afters if upstream else self._befores:
            before, after = (other, far) if upstream else (far, other)
            before.set_downstream(after, edge_modifier=self)

    def add_edge_info(self, dag: Any, upstream: str, downstream: str) -> None:
        """Write the label down in the DAG."""
        dag.set_edge_info(upstream, downstream, {"label": self.label})


def Label(label: str) -> EdgeModifier:
    """Return a label to stand between two arrows."""
    return EdgeModifier(label)
