"""Which Airflow names does flowctl have, and what are they here?

One row per module of ours: its names, and every Airflow module that shows them. A name that Airflow
calls otherwise is written `theirs=ours`. Small things have their rows in `helper_rows`, names of
1.10 that moved to provider packages are in `aliases`. Whoever adds a name to flowctl that DAG files
may import adds it there, and nowhere else.
"""

from collections.abc import Iterator
from typing import NamedTuple

from flowctl.compat import aliases, helper_rows
from flowctl.compat.row import Row


class Home(NamedTuple):
    """Where a name really lives."""

    module: str
    attribute: str


ROWS = (
    Row("flowctl.compat.settings", "__version__=AIRFLOW_VERSION", "airflow"),
    Row("flowctl.compat.settings", "version=AIRFLOW_VERSION", "airflow.version"),
    # DAGs and what they are made of
    Row("flowctl.authoring.dag", "DAG", "airflow airflow.models airflow.models.dag airflow.sdk"),
    Row("flowctl.authoring.dag", "dag", "airflow.models.dag airflow.decorators airflow.sdk"),
    Row("flowctl.operators.decorators", "task setup teardown", "airflow.decorators airflow.sdk"),
    Row(
        "flowctl.operators.decorators",
        "setup_task=setup teardown_task=teardown",
        "airflow.decorators.setup_teardown",
    ),
    Row(
        "flowctl.authoring.setup_scope",
        "ContextWrapper context_wrapper",
        "airflow.decorators.setup_teardown",
    ),
    Row(
        "flowctl.authoring.setup_scope",
        "SetupTeardownContext BaseSetupTeardownContext=SetupTeardownContext",
        "airflow.utils.setup_teardown",
    ),
    Row("flowctl.authoring.task_group", "task_group", "airflow.decorators airflow.sdk"),
    Row("flowctl.authoring.task_group", "TaskGroup", "airflow.utils.task_group airflow.sdk"),
    Row(
        "flowctl.authoring.operator",
        "BaseOperator",
        "airflow.models airflow.models.baseoperator airflow.sdk airflow.sdk.bases.operator",
    ),
    Row(
        "flowctl.authoring.links",
        "chain chain_linear cross_downstream",
        "airflow.models.baseoperator airflow.sdk airflow.sdk.bases.operator",
    ),
    Row("flowctl.authoring.links", "chain cross_downstream", "airflow.utils.helpers"),
    Row("flowctl.authoring.labels", "Label EdgeModifier", "airflow.utils.edgemodifier airflow.sdk"),
    Row("flowctl.authoring.scope", "DagContext", "airflow.models.dag"),
    Row("flowctl.authoring.scope", "TaskGroupContext", "airflow.utils.task_group"),
    Row(
        "flowctl.authoring.settings",
        "NOTSET ArgNotSet",
        "airflow.utils.types airflow.sdk.definitions._internal.types",
    ),
    Row(
        "flowctl.authoring.retry_policy",
        "ExceptionRetryPolicy RetryAction RetryDecision RetryPolicy RetryRule",
        "airflow.sdk airflow.sdk.definitions.retry_policy",
    ),
    Row("flowctl.authoring.params", "Param ParamsDict", "airflow.sdk"),
    Row(
        "flowctl.authoring.params",
        "Param ParamsDict DagParam",
        "airflow.models.param airflow.sdk.definitions.param",
    ),
    Row("flowctl.authoring.params", "Param", "airflow.models"),
    Row("flowctl.authoring.xcom_arg", "XComArg", "airflow airflow.models.xcom_arg airflow.sdk"),
    # plugins
    Row(
        "flowctl.authoring.plugins",
        "AirflowPlugin AirflowPluginException",
        "airflow.plugins_manager",
    ),
    Row("flowctl.authoring.plugins", "AirflowPlugin", "airflow.sdk.plugins_manager"),
    Row("flowctl.authoring.hook_functions", "hookimpl", "airflow.listeners airflow.policies"),
    Row(
        "flowctl.authoring.priority_strategy",
        "PriorityWeightStrategy",
        "airflow.task.priority_strategy airflow.sdk",
    ),
    # timetables
    Row(
        "flowctl.authoring.timetables.contract",
        "DagRunInfo DataInterval TimeRestriction Timetable",
        "airflow.timetables.base",
    ),
    Row(
        "flowctl.authoring.timetables.cron",
        "CronDataIntervalTimetable",
        "airflow.timetables.interval airflow.sdk",
    ),
    Row(
        "flowctl.authoring.timetables.delta",
        "DeltaDataIntervalTimetable",
        "airflow.timetables.interval airflow.sdk",
    ),
    Row(
        "flowctl.authoring.timetables.cron",
        "CronTriggerTimetable MultipleCronTriggerTimetable",
        "airflow.timetables.trigger airflow.sdk",
    ),
    Row(
        "flowctl.authoring.timetables.delta",
        "DeltaTriggerTimetable",
        "airflow.timetables.trigger airflow.sdk",
    ),
    Row(
        "flowctl.authoring.timetables.simple",
        "EventsTimetable",
        "airflow.timetables.events airflow.sdk",
    ),
    Row(
        "flowctl.authoring.timetables.simple",
        "ContinuousTimetable NullTimetable OnceTimetable",
        "airflow.timetables.simple",
    ),
    # assets
    Row(
        "flowctl.authoring.assets",
        "Dataset DatasetAlias DatasetAll=AssetAll DatasetAny=AssetAny"
        " expand_alias_to_datasets=expand_alias_to_assets",
        "airflow.datasets",
    ),
    Row("flowctl.authoring.assets", "Dataset", "airflow"),
    Row(
        "flowctl.authoring.assets",
        "Asset AssetAlias AssetAll AssetAny AssetWatcher",
        "airflow.sdk airflow.sdk.definitions.asset",
    ),
    Row(
        "flowctl.authoring.assets",
        "AssetNameRef AssetRef AssetUriRef BaseAsset Dataset Model",
        "airflow.sdk.definitions.asset",
    ),
    Row(
        "flowctl.authoring.assets",
        "Metadata",
        "airflow.datasets.metadata airflow.sdk airflow.sdk.definitions.asset.metadata",
    ),
    Row(
        "flowctl.operators.asset_functions",
        "asset",
        "airflow.sdk airflow.sdk.definitions.asset.decorators",
    ),
    Row(
        "flowctl.authoring.asset_schedules", "DatasetOrTimeSchedule", "airflow.timetables.datasets"
    ),
    Row(
        "flowctl.authoring.asset_schedules",
        "AssetOrTimeSchedule",
        "airflow.timetables.assets airflow.sdk",
    ),
    Row("flowctl.authoring.assets", "expand_alias_to_assets", "airflow.models.asset"),
    # operators
    Row(
        "flowctl.operators.bash",
        "BashOperator",
        "airflow.operators.bash airflow.operators.bash_operator"
        " airflow.providers.standard.operators.bash",
    ),
    Row(
        "flowctl.operators.empty",
        "EmptyOperator",
        "airflow.operators.empty airflow.operators.dummy airflow.operators.dummy_operator"
        " airflow.providers.standard.operators.empty",
    ),
    Row(
        "flowctl.operators.empty",
        "DummyOperator=EmptyOperator",
        "airflow.operators.dummy airflow.operators.dummy_operator",
    ),
    Row(
        "flowctl.operators.python",
        "PythonOperator BranchPythonOperator ShortCircuitOperator",
        "airflow.operators.python airflow.operators.python_operator"
        " airflow.providers.standard.operators.python",
    ),
    Row(
        "flowctl.operators.virtualenv",
        "PythonVirtualenvOperator BranchPythonVirtualenvOperator ExternalPythonOperator"
        " BranchExternalPythonOperator",
        "airflow.operators.python airflow.providers.standard.operators.python",
    ),
    Row(
        "flowctl.operators.virtualenv",
        "PythonVirtualenvOperator",
        "airflow.operators.python_operator",
    ),
    Row(
        "flowctl.operators.foreign_python",
        "_BasePythonVirtualenvOperator=ForeignPythonOperator",
        "airflow.operators.python airflow.providers.standard.operators.python",
    ),
    Row(
        "flowctl.operators.foreign_script",
        "write_python_script",
        "airflow.utils.python_virtualenv airflow.providers.standard.utils.python_virtualenv",
    ),
    Row(
        "flowctl.operators.datetime",
        "BranchDateTimeOperator target_times_as_dates",
        "airflow.operators.datetime airflow.providers.standard.operators.datetime",
    ),
    Row(
        "flowctl.operators.weekday",
        "BranchDayOfWeekOperator",
        "airflow.operators.weekday airflow.providers.standard.operators.weekday",
    ),
    Row(
        "flowctl.operators.latest_only",
        "LatestOnlyOperator",
        "airflow.operators.latest_only airflow.operators.latest_only_operator"
        " airflow.providers.standard.operators.latest_only",
    ),
    Row(
        "flowctl.operators.smooth",
        "SmoothOperator",
        "airflow.operators.smooth airflow.providers.standard.operators.smooth",
    ),
    Row(
        "flowctl.operators.trigger_dagrun",
        "TriggerDagRunOperator TriggerDagRunLink XCOM_LOGICAL_DATE_ISO XCOM_RUN_ID"
        " XCOM_EXECUTION_DATE_ISO=XCOM_LOGICAL_DATE_ISO",
        "airflow.operators.trigger_dagrun airflow.operators.dagrun_operator"
        " airflow.providers.standard.operators.trigger_dagrun",
    ),
    Row("flowctl.authoring.starting_runs", "trigger_dag", "airflow.api.common.trigger_dag"),
    Row(
        "flowctl.authoring.extra_links",
        "BaseOperatorLink",
        "airflow.models airflow.models.baseoperatorlink airflow.models.baseoperator airflow.sdk"
        " airflow.sdk.bases.operatorlink",
    ),
    Row(
        "flowctl.authoring.extra_links",
        "XComOperatorLink",
        "airflow.models.taskinstance",
    ),
    Row(
        "flowctl.authoring.extra_links",
        "build_airflow_url_with_query build_airflow_dagrun_url",
        "airflow.utils.helpers",
    ),
    Row(
        "flowctl.authoring.mail",
        "build_mime_message get_email_address_list send_email send_email_smtp send_mime_email",
        "airflow.utils.email",
    ),
    Row(
        "flowctl.operators.email",
        "EmailOperator",
        "airflow.operators.email airflow.operators.email_operator"
        " airflow.providers.smtp.operators.smtp",
    ),
    Row(
        "flowctl.operators.generic_transfer",
        "GenericTransfer",
        "airflow.operators.generic_transfer"
        " airflow.providers.common.sql.operators.generic_transfer",
    ),
    Row(
        "flowctl.notifiers.base",
        "BaseNotifier",
        "airflow.notifications.basenotifier airflow.sdk airflow.sdk.bases.notifier",
    ),
    Row(
        "flowctl.notifiers.smtp",
        "SmtpNotifier send_smtp_notification=SmtpNotifier",
        "airflow.providers.smtp.notifications.smtp",
    ),
    Row(
        "flowctl.operators.subdag",
        "SubDagOperator SkippedStatePropagationOptions",
        "airflow.operators.subdag airflow.operators.subdag_operator",
    ),
    Row(
        "flowctl.authoring.deadlines",
        "DeadlineAlert DeadlineReference",
        "airflow.sdk airflow.sdk.definitions.deadline",
    ),
    Row(
        "flowctl.authoring.deadlines",
        "AsyncCallback SyncCallback",
        "airflow.sdk airflow.sdk.definitions.callback airflow.sdk.definitions.deadline",
    ),
    Row("flowctl.operators.conditions", "run_if skip_if", "airflow.decorators.condition"),
    Row("flowctl.operators.decorators", "python_task", "airflow.decorators.python"),
    Row("flowctl.operators.decorators", "bash_task", "airflow.decorators.bash"),
    Row("flowctl.operators.decorators", "branch_task", "airflow.decorators.branch_python"),
    Row(
        "flowctl.operators.decorators",
        "short_circuit_task",
        "airflow.decorators.short_circuit",
    ),
    Row(
        "flowctl.operators.decorators",
        "virtualenv_task",
        "airflow.decorators.python_virtualenv",
    ),
    Row(
        "flowctl.operators.decorators",
        "external_python_task",
        "airflow.decorators.external_python",
    ),
    Row(
        "flowctl.operators.decorators",
        "branch_virtualenv_task",
        "airflow.decorators.branch_virtualenv",
    ),
    Row(
        "flowctl.operators.decorators",
        "branch_external_python_task",
        "airflow.decorators.branch_external_python",
    ),
    Row(
        "flowctl.authoring.taskflow",
        "DecoratedOperator TaskDecorator=TaskFactory _TaskDecorator=TaskFactory"
        " get_unique_task_id task_decorator_factory",
        "airflow.decorators.base airflow.sdk.bases.decorator",
    ),
    Row(
        "flowctl.operators.branch",
        "BaseBranchOperator",
        "airflow.operators.branch airflow.operators.branch_operator airflow.sdk"
        " airflow.sdk.bases.branch",
    ),
    Row("flowctl.operators.branch", "BranchMixIn", "airflow.operators.branch airflow.sdk"),
    Row(
        "flowctl.operators.branch",
        "BranchMixIn BaseBranchOperator",
        "airflow.providers.standard.operators.branch",
    ),
    Row(
        "flowctl.operators.skipping",
        "SkipMixin",
        "airflow.models airflow.models.skipmixin airflow.sdk airflow.sdk.bases.skipmixin",
    ),
    # triggers
    Row(
        "flowctl.authoring.triggers",
        "BaseEventTrigger BaseTaskEndEvent BaseTrigger StartTriggerArgs TaskFailedEvent"
        " TaskSkippedEvent TaskSuccessEvent TriggerEvent",
        "airflow.triggers.base",
    ),
    Row(
        "flowctl.triggers.temporal",
        "DateTimeTrigger TimeDeltaTrigger",
        "airflow.triggers.temporal airflow.providers.standard.triggers.temporal",
    ),
    Row(
        "flowctl.triggers.file",
        "FileTrigger",
        "airflow.triggers.file airflow.providers.standard.triggers.file",
    ),
    Row(
        "flowctl.triggers.file",
        "DirectoryFileDeleteTrigger FileDeleteTrigger",
        "airflow.providers.standard.triggers.file",
    ),
    Row(
        "flowctl.triggers.external_task",
        "DagStateTrigger WorkflowTrigger",
        "airflow.triggers.external_task airflow.providers.standard.triggers.external_task",
    ),
    Row("flowctl.triggers.external_task", "TaskStateTrigger", "airflow.triggers.external_task"),
    # sensors
    Row(
        "flowctl.sensors.base",
        "BaseSensorOperator PokeReturnValue poke_mode_only",
        "airflow.sensors.base airflow.sdk.bases.sensor",
    ),
    Row("flowctl.sensors.base", "BaseSensorOperator PokeReturnValue", "airflow.sdk"),
    Row(
        "flowctl.sensors.base",
        "BaseSensorOperator",
        "airflow.sensors airflow.sensors.base_sensor_operator airflow.operators.sensors",
    ),
    Row(
        "flowctl.sensors.python",
        "PythonSensor",
        "airflow.sensors.python airflow.providers.standard.sensors.python",
    ),
    Row(
        "flowctl.sensors.python",
        "DecoratedSensorOperator",
        "airflow.decorators.sensor airflow.providers.standard.decorators.sensor",
    ),
    Row(
        "flowctl.operators.decorators",
        "sensor_task",
        "airflow.decorators.sensor airflow.providers.standard.decorators.sensor",
    ),
    Row(
        "flowctl.sensors.bash",
        "BashSensor",
        "airflow.sensors.bash airflow.providers.standard.sensors.bash",
    ),
    Row(
        "flowctl.sensors.weekday",
        "DayOfWeekSensor",
        "airflow.sensors.weekday airflow.providers.standard.sensors.weekday",
    ),
    Row(
        "flowctl.sensors.filesystem",
        "FileSensor",
        "airflow.sensors.filesystem airflow.providers.standard.sensors.filesystem",
    ),
    Row(
        "flowctl.sensors.date_time",
        "DateTimeSensor DateTimeSensorAsync",
        "airflow.sensors.date_time airflow.providers.standard.sensors.date_time",
    ),
    Row(
        "flowctl.sensors.time_sensor",
        "TimeSensor TimeSensorAsync",
        "airflow.sensors.time_sensor airflow.providers.standard.sensors.time",
    ),
    Row(
        "flowctl.sensors.time_delta",
        "TimeDeltaSensor TimeDeltaSensorAsync",
        "airflow.sensors.time_delta airflow.providers.standard.sensors.time_delta",
    ),
    Row(
        "flowctl.sensors.time_delta",
        "WaitSensor",
        "airflow.sensors.time_delta airflow.providers.standard.sensors.time_delta",
    ),
    Row(
        "flowctl.sensors.external_task",
        "ExternalTaskSensor ExternalTaskMarker ExternalDagLink",
        "airflow.sensors.external_task airflow.providers.standard.sensors.external_task",
    ),
    Row(
        "flowctl.sensors.external_task",
        "ExternalTaskSensorLink=ExternalDagLink",
        "airflow.sensors.external_task",
    ),
    Row("flowctl.sensors.external_task", "ExternalTaskSensor", "airflow.operators.sensors"),
    Row("flowctl.sensors.time_sensor", "TimeSensor", "airflow.operators.sensors"),
    Row("flowctl.sensors.time_delta", "TimeDeltaSensor", "airflow.operators.sensors"),
    Row("flowctl.sensors.sql", "SqlSensor", "airflow.operators.sensors"),
    Row("flowctl.sensors.sql", "SqlSensor", "airflow.sensors.sql airflow.sensors.sql_sensor"),
    Row(
        "flowctl.hooks.filesystem",
        "FSHook",
        "airflow.hooks.filesystem airflow.providers.standard.hooks.filesystem",
    ),
    # dates, rules, states
    Row(
        "flowctl.authoring.timezone",
        "coerce_datetime convert_to_utc datetime from_timestamp is_localized is_naive"
        " local_timezone make_aware make_naive parse parse_timezone td_format utc utc_epoch"
        " utcnow",
        "airflow.utils.timezone airflow.sdk.timezone",
    ),
    Row(
        "flowctl.authoring.dates",
        "cron_presets date_range days_ago parse_execution_date",
        "airflow.utils.dates",
    ),
    Row("flowctl.authoring.weekday", "WeekDay", "airflow.utils.weekday"),
    Row("flowctl.authoring.rule_names", "TriggerRule", "airflow.utils.trigger_rule airflow.sdk"),
    Row("flowctl.authoring.rule_names", "WeightRule", "airflow.utils.weight_rule airflow.sdk"),
    Row("flowctl.authoring.state_names", "State", "airflow.utils.state"),
    Row(
        "flowctl.authoring.state_names",
        "TaskInstanceState DagRunState",
        "airflow.utils.state airflow.sdk",
    ),
    Row("flowctl.authoring.state_names", "DagRunType", "airflow.utils.types"),
    # small things
    Row(
        "flowctl.authoring.containers",
        "as_flattened_list as_tuple chunks exactly_one is_container merge_dicts partition"
        " prune_dict reduce_in_chunks",
        "airflow.utils.helpers",
    ),
    Row(
        "flowctl.authoring.dotted_names",
        "import_string qualname",
        "airflow.utils.module_loading",
    ),
    Row(
        "flowctl.authoring.logging_mixin",
        "LoggingMixin",
        "airflow.utils.log.logging_mixin",
    ),
    Row("flowctl.compat.retired", "apply_defaults", "airflow.utils.decorators"),
    # data and context
    Row(
        "flowctl.authoring.variable",
        "Variable",
        "airflow.models airflow.models.variable airflow.sdk",
    ),
    Row(
        "flowctl.authoring.connection",
        "Connection",
        "airflow.models airflow.models.connection airflow.sdk",
    ),
    Row("flowctl.authoring.xcom", "XCom", "airflow.models airflow.models.xcom"),
    Row("flowctl.authoring.xcom", "BaseXCom", "airflow.models.xcom airflow.sdk"),
    Row("flowctl.authoring.xcom", "XCOM_RETURN_KEY", "airflow.models.xcom airflow.utils.xcom"),
    Row(
        "flowctl.authoring.context",
        "Context",
        "airflow.utils.context airflow.sdk airflow.sdk.definitions.context",
    ),
    Row(
        "flowctl.authoring.context",
        "get_current_context",
        "airflow.operators.python airflow.sdk airflow.providers.standard.operators.python",
    ),
    Row(
        "flowctl.authoring.context",
        "context_to_airflow_vars",
        "airflow.utils.operator_helpers airflow.sdk.execution_time.context",
    ),
    Row(
        "flowctl.authoring.task_instance",
        "TaskInstance",
        "airflow.models airflow.models.taskinstance",
    ),
    Row(
        "flowctl.authoring.task_instance",
        "TaskInstanceKey",
        "airflow.models.taskinstance airflow.models.taskinstancekey",
    ),
    Row("flowctl.authoring.dag_run", "DagRun", "airflow.models airflow.models.dagrun"),
    Row("flowctl.authoring.resolving", "literal", "airflow.utils.template airflow.sdk"),
    Row(
        "flowctl.authoring.macros",
        "datetime datetime_diff_for_humans dateutil ds_add ds_format ds_format_locale json random"
        " time timedelta uuid yaml",
        "airflow.macros airflow.sdk.macros",
    ),
    Row("flowctl.authoring.masking", "mask_secret redact", "airflow.utils.log.secrets_masker"),
    Row(
        "flowctl.hooks.base",
        "BaseHook",
        "airflow.hooks.base airflow.hooks.base_hook airflow.sdk airflow.sdk.bases.hook",
    ),
    # configuration
    Row("flowctl.compat.configuration", "conf", "airflow.configuration airflow.sdk"),
    Row("flowctl.compat.configuration", "conf", "airflow.sdk.configuration"),
    Row("flowctl.compat.settings", "AIRFLOW_HOME", "airflow.settings airflow.configuration"),
    Row("flowctl.compat.settings", "DAGS_FOLDER PLUGINS_FOLDER TIMEZONE", "airflow.settings"),
    # what user code catches and raises
    Row(
        "flowctl.authoring.exceptions",
        "AirflowBadRequest AirflowClusterPolicyError AirflowClusterPolicySkipDag"
        " AirflowClusterPolicyViolation AirflowConfigException AirflowDagCycleException"
        " AirflowDagDuplicatedIdException AirflowDagInconsistent AirflowException"
        " AirflowFailException AirflowFileParseException AirflowInternalRuntimeError"
        " AirflowNotFoundException AirflowOptionalProviderFeatureException"
        " AirflowProviderDeprecationWarning AirflowRescheduleException AirflowSensorTimeout"
        " AirflowSkipException AirflowTaskTerminated AirflowTaskTimeout"
        " AirflowTimetableInvalid AirflowWebServerTimeout BackfillUnfinished"
        " ConnectionNotUnique DagCodeNotFound DagConcurrencyLimitReached DagFileExists"
        " DagNotFound DagRunAlreadyExists DagRunNotFound DeserializingResultError"
        " DuplicateTaskIdFound FailStopDagInvalidTriggerRule FileSyntaxError"
        " InvalidStatsNameException NoAvailablePoolSlot ParamValidationError"
        " PodMutationHookException PodReconciliationError PoolNotFound"
        " RemovedInAirflow3Warning SerializationError TaskAlreadyInTaskGroup"
        " TaskConcurrencyLimitReached TaskDeferralError TaskDeferralTimeout TaskDeferred"
        " TaskInstanceNotFound TaskNotFound UnknownExecutorException UnmappableOperator"
        " UnmappableXComLengthPushed UnmappableXComTypePushed XComForMappingNotPushed XComNotFound",
        "airflow.exceptions airflow.sdk.exceptions",
    ),
    Row("flowctl.authoring.exceptions", "AirflowException", "airflow airflow.utils.helpers"),
)


def _table() -> dict[str, dict[str, Home]]:
    """Return the names of every module; a package exists when something below it does."""
    table: dict[str, dict[str, Home]] = {}
    for row in (*ROWS, *helper_rows.ROWS):
        for place in row.places.split():
            parts = place.split(".")
            for length in range(1, len(parts) + 1):
                table.setdefault(".".join(parts[:length]), {})
            for entry in row.names.split():
                theirs, _, ours = entry.partition("=")
                table[place][theirs] = Home(row.module, ours or theirs)
    return table


MODULES = _table()


def has_module(name: str) -> bool:
    """Say whether flowctl answers the import of this module."""
    return name in MODULES or name in aliases.modules()


def find(module: str, name: str) -> Home | None:
    """Return where the `name` that `module` shows lives, or None when it shows no such name."""
    home = MODULES.get(module, {}).get(name)
    if home or name.startswith("_"):
        return home
    moved = aliases.modules().get(module, {}).get(name)
    return Home(*moved) if moved else None


def names_in(module: str) -> list[str]:
    """Return all names that `module` shows, sorted."""
    return sorted({*MODULES.get(module, ()), *aliases.modules().get(module, ())})


def known_names() -> Iterator[str]:
    """Yield the full name of everything of ours that can be imported from an Airflow module."""
    for module, names in MODULES.items():
        for name in sorted(names):
            yield f"{module}.{name}"
