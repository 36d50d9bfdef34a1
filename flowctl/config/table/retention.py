"""Rows of [retention]. Airflow deletes nothing by itself, so these names are flowctl's."""

from flowctl.config.kinds import flag, share_or_size, whole
from flowctl.config.row import Option

ROWS: tuple[Option, ...] = (
    Option(
        "retention",
        "enabled",
        flag(True),
        "Whether the scheduler deletes old history, a little now and then while it has nothing\n"
        "else to do. `flowctl db clean --dry-run` says what it would delete now.",
    ),
    Option(
        "retention",
        "run_days",
        whole(365),
        "How many days after its end a run is kept, with its tasks, tries, XComs and logs, when\n"
        "the DAG does not say it with `retention`. 0 means for ever, here and below. What is\n"
        "unfinished stays, and so does what a later run looks at.",
    ),
    Option(
        "retention",
        "runs_per_dag",
        whole(100_000),
        "How many runs of one DAG are kept, when the DAG does not say it. 0 means all.",
    ),
    Option(
        "retention",
        "runs_kept",
        whole(10, low=1),
        "How many of the newest runs of each DAG stay, however old they are.",
    ),
    Option(
        "retention",
        "xcom_days",
        whole(0),
        "How many days after the end of a run its XComs are kept. 0 means as long as the run.",
    ),
    Option(
        "retention",
        "asset_event_days",
        whole(365),
        "How many days updates of assets are kept. The latest of each stays.",
    ),
    Option(
        "retention",
        "backfill_days",
        whole(365),
        "How many days after its end a backfill is kept; its runs are kept as other runs.",
    ),
    Option(
        "retention",
        "version_days",
        whole(180),
        "How many days versions of DAGs are kept that no run has, and DAGs that no file defines\n"
        "and that have no run any more.",
    ),
    Option(
        "retention",
        "versions_per_dag",
        whole(1000),
        "How many versions of one DAG are kept that no run has. 0 means all.",
    ),
    Option(
        "retention",
        "audit_days",
        whole(730),
        "How many days rows of the audit trail are kept.",
    ),
    Option(
        "retention",
        "token_days",
        whole(30),
        "How many days tokens of the API are kept after they have expired.",
    ),
    Option(
        "retention",
        "process_days",
        whole(30),
        "How many days a daemon that is gone is remembered.",
    ),
    Option(
        "retention",
        "log_days",
        whole(180),
        "How many days after its last line the log file of a task is kept, when the DAG does not\n"
        "say it. The run stays without it.",
    ),
    Option(
        "retention",
        "log_size",
        share_or_size("50%"),
        "How much all log files of tasks together may take: a size, or a part of their disk. The\n"
        "oldest go first. 0 means any amount.",
    ),
)
