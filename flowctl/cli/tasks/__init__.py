"""`flowctl tasks`: which commands there are."""

from flowctl.cli.lazy import Entry, LazyGroup

tasks = LazyGroup(
    name="tasks",
    help="Tasks of DAGs, and their instances in runs.",
    entries={
        "list": Entry("flowctl.cli.tasks.listing:list_", "List the tasks of a DAG."),
        "state": Entry("flowctl.cli.tasks.listing:state", "Print the state of a task."),
        "states-for-dag-run": Entry(
            "flowctl.cli.tasks.listing:states_for_dag_run", "List the states of a run's tasks."
        ),
        "show": Entry("flowctl.cli.tasks.listing:show", "Show the tries of a task in a run."),
        "clear": Entry("flowctl.cli.tasks.clearing:clear", "Let tasks run again."),
        "hold": Entry("flowctl.cli.tasks.holding:hold", "Let a task not start for now."),
        "release": Entry("flowctl.cli.tasks.holding:release", "Let a held task start again."),
        "test": Entry("flowctl.cli.tasks.testing:test", "Run one task in this terminal."),
        "render": Entry("flowctl.cli.tasks.testing:render", "Show what its templates say."),
        "failed-deps": Entry("flowctl.cli.tasks.listing:failed_deps", "Say what a task waits for."),
        "run": Entry("flowctl.cli.tasks.running:run", "Have one task run now, and follow it."),
    },
)
