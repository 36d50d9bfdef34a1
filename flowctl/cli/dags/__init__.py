"""`flowctl dags`: which commands there are."""

from flowctl.cli.lazy import Entry, LazyGroup

dags = LazyGroup(
    name="dags",
    help="DAGs and their runs.",
    entries={
        "list": Entry("flowctl.cli.dags.listing:list_", "List the DAGs."),
        "show": Entry("flowctl.cli.dags.drawing:show", "Show the graph of a DAG."),
        "details": Entry("flowctl.cli.dags.details:details", "Show what a DAG says about itself."),
        "trigger": Entry("flowctl.cli.dags.trigger:trigger", "Start a run."),
        "pause": Entry("flowctl.cli.dags.pausing:pause", "Pause DAGs: no new task starts."),
        "unpause": Entry("flowctl.cli.dags.pausing:unpause", "Let paused DAGs go on."),
        "state": Entry("flowctl.cli.dags.runs:state", "Print the state of a run."),
        "list-runs": Entry("flowctl.cli.dags.runs:list_runs", "List the runs of a DAG."),
        "list-import-errors": Entry(
            "flowctl.cli.dags.listing:list_import_errors", "List the files that cannot be read."
        ),
        "next-execution": Entry(
            "flowctl.cli.dags.runs:next_execution", "Print when the next runs are due."
        ),
        "test": Entry("flowctl.cli.dags.testing:test", "Run a DAG in this terminal, once."),
        "backfill": Entry("flowctl.cli.dags.backfill:backfill", "Run a DAG for past dates."),
        "delete": Entry("flowctl.cli.dags.pausing:delete", "Delete a DAG with its history."),
        "report": Entry(
            "flowctl.cli.dags.listing:report", "List the files and how long each took."
        ),
    },
)
