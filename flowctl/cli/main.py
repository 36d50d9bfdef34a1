"""The command `flowctl`: which commands there are, and where each is."""

import click

from flowctl.cli.lazy import Entry, LazyGroup
from flowctl.version import VERSION

COMMANDS = {
    "standalone": Entry("flowctl.cli.standalone:standalone", "Run everything in this terminal."),
    "scheduler": Entry("flowctl.cli.scheduler:scheduler", "Run the scheduler."),
    "triggerer": Entry("flowctl.cli.triggerer:triggerer", "Run what waits for deferred tasks."),
    "webserver": Entry("flowctl.cli.webserver:webserver", "Run the web server."),
    "drain": Entry("flowctl.cli.drain:drain", "Finish what runs and start nothing new."),
    "stop": Entry("flowctl.cli.stop:stop", "Stop what runs for this home."),
    "dags": Entry("flowctl.cli.dags:dags", "See, trigger, pause and test DAGs."),
    "tasks": Entry("flowctl.cli.tasks:tasks", "See, clear and test tasks."),
    "assets": Entry("flowctl.cli.assets:assets", "See, make and update assets."),
    "datasets": Entry("flowctl.cli.assets:datasets", "List the datasets."),
    "backfill": Entry("flowctl.cli.backfills:backfill", "Run a DAG for dates that have passed."),
    "runs": Entry("flowctl.cli.runs:runs", "Watch runs of DAGs."),
    "why": Entry("flowctl.cli.why:why", "Say why a task has not started, or how it ended."),
    "simulate": Entry(
        "flowctl.cli.simulate:simulate", "Show coming runs, the load of pools, and who will wait."
    ),
    "pools": Entry("flowctl.cli.pools:pools", "Limit how many tasks run at once."),
    "variables": Entry("flowctl.cli.variables:variables", "Store values that tasks read."),
    "connections": Entry("flowctl.cli.connections:connections", "Store how systems are reached."),
    "providers": Entry("flowctl.cli.providers:providers", "Add Airflow's provider packages."),
    "users": Entry("flowctl.cli.users:users", "Say who may use the web server."),
    "roles": Entry("flowctl.cli.roles:roles", "Say what users may do."),
    "plugins": Entry("flowctl.cli.plugins:plugins", "See which plugins are loaded."),
    "jobs": Entry("flowctl.cli.jobs:jobs", "See whether the daemons are alive."),
    "config": Entry("flowctl.cli.config:config", "See the configuration."),
    "db": Entry("flowctl.cli.db:db", "Make, migrate, check and clean the metastore."),
    "rotate-fernet-key": Entry(
        "flowctl.cli.rotate:rotate_fernet_key", "Encrypt stored secrets under a new key."
    ),
    "info": Entry("flowctl.cli.info:info", "Say what is installed here, and where."),
    "version": Entry("flowctl.cli.version:version", "Say which flowctl this is."),
    "initdb": Entry("flowctl.cli.db:migrate", "Older name of `db migrate`."),
    "upgradedb": Entry("flowctl.cli.db:migrate", "Older name of `db migrate`."),
    "resetdb": Entry("flowctl.cli.db:reset", "Older name of `db reset`."),
}

main = click.version_option(
    VERSION, prog_name="flowctl", message="%(prog)s %(version)s", help="Say which flowctl this is."
)(
    LazyGroup(
        name="flowctl",
        entries=COMMANDS,
        help="Run Airflow's DAG files, without Airflow. Begin with: flowctl standalone",
    )
)
