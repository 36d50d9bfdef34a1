"""`flowctl dags show`."""

import click

from flowctl.cli import finding
from flowctl.cli.metastore import reading
from flowctl.cli.options import not_here, subdir_refused
from flowctl.core.spec import DagSpec
from flowctl.errors import FlowctlError


@click.command
@click.argument("dag_id")
@click.option("-s", "--save", help="Not supported: pipe the text into graphviz's `dot` instead.")
@not_here("--imgcat", is_flag=True, because="it shows the graph as text; pipe it into `dot`")
@subdir_refused
def show(dag_id: str, save: str | None) -> None:
    """Print the graph of a DAG in graphviz's language.

    For a picture: flowctl dags show DAG_ID | dot -Tsvg > graph.svg
    """
    if save:
        kind = save.rpartition(".")[2] if "." in save else "svg"
        raise FlowctlError(
            "flowctl draws no pictures itself; graphviz does: flowctl dags show"
            f" {dag_id} | dot -T{kind} > {save}"
        )
    with reading() as conn:
        click.echo(dot(finding.spec(conn, dag_id)))


def dot(spec: DagSpec) -> str:
    """Return the graph of a DAG in graphviz's language."""
    lines = [f"digraph {_quoted(spec.dag_id)} {{", f"\trankdir={spec.orientation}"]
    for task in spec.tasks:
        colours = f"fillcolor={_quoted(task.ui_color)} color={_quoted(task.ui_fgcolor)}"
        label = _quoted(task.display_name or task.task_id)
        lines.append(
            f"\t{_quoted(task.task_id)} [label={label} shape=rectangle"
            f' style="filled,rounded" {colours}]'
        )
    for task in spec.tasks:
        for parent in task.upstream:
            words = spec.edge_labels.get(f"{parent}>{task.task_id}")
            named = f" [label={_quoted(words)}]" if words else ""
            lines.append(f"\t{_quoted(parent)} -> {_quoted(task.task_id)}{named}")
    return "\n".join([*lines, "}"])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
