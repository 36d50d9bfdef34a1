"""The rows of the table of names that lead to small things: what `airflow.utils` is full of.

Same form as in `flowctl.compat.names`, which has the rows of everything that flowctl is made of.
"""

from flowctl.compat.row import Row

PERMISSIONS = """
    ACTION_CAN_ACCESS_MENU ACTION_CAN_CREATE ACTION_CAN_DELETE ACTION_CAN_EDIT ACTION_CAN_READ
    DAG_ACTIONS DEPRECATED_ACTION_CAN_DAG_EDIT DEPRECATED_ACTION_CAN_DAG_READ RESOURCE_ACTION
    RESOURCE_ADMIN_MENU RESOURCE_ASSET RESOURCE_AUDIT_LOG RESOURCE_BROWSE_MENU
    RESOURCE_CLUSTER_ACTIVITY RESOURCE_CONFIG RESOURCE_CONNECTION RESOURCE_DAG RESOURCE_DAG_CODE
    RESOURCE_DAG_DEPENDENCIES RESOURCE_DAG_PREFIX RESOURCE_DAG_RUN RESOURCE_DAG_RUN_PREFIX
    RESOURCE_DAG_WARNING RESOURCE_DATASET RESOURCE_DOCS RESOURCE_DOCS_MENU RESOURCE_IMPORT_ERROR
    RESOURCE_JOB RESOURCE_MY_PASSWORD RESOURCE_MY_PROFILE RESOURCE_PASSWORD RESOURCE_PERMISSION
    RESOURCE_PLUGIN RESOURCE_POOL RESOURCE_PROVIDER RESOURCE_RESOURCE RESOURCE_ROLE
    RESOURCE_SLA_MISS RESOURCE_TASK_INSTANCE RESOURCE_TASK_LOG RESOURCE_TASK_RESCHEDULE
    RESOURCE_TRIGGER RESOURCE_USER RESOURCE_USER_STATS_CHART RESOURCE_VARIABLE RESOURCE_WEBSITE
    RESOURCE_XCOM resource_name_for_dag
"""

ROWS = (
    # texts, lists, dotted names
    Row(
        "flowctl.compat.texts",
        "build_airflow_url_with_query convert_camel_to_snake parse_template_string render_template"
        " render_template_as_native render_template_to_string validate_group_key validate_key",
        "airflow.utils.helpers",
    ),
    Row(
        "flowctl.compat.texts",
        "TRUE_LIKE_VALUES get_random_string to_boolean",
        "airflow.utils.strings",
    ),
    Row("flowctl.authoring.containers", "at_most_one prevent_duplicates", "airflow.utils.helpers"),
    Row(
        "flowctl.authoring.dotted_names",
        "import_string is_valid_dotpath iter_namespace qualname",
        "airflow.utils.module_loading airflow.sdk.module_loading"
        " airflow.sdk._shared.module_loading",
    ),
    Row("hashlib", "md5", "airflow.utils.hashlib_wrapper"),
    Row("yaml", "YAMLError dump safe_load", "airflow.utils.yaml airflow.sdk.yaml"),
    Row("functools", "cache cached_property", "airflow.compat.functools"),
    Row(
        "typing",
        "Annotated Callable Final Literal NamedTuple NotRequired ParamSpec Protocol Required Self"
        " TypeAlias TypeGuard TypedDict runtime_checkable",
        "airflow.typing_compat",
    ),
    Row(
        "flowctl.authoring.serialization",
        "XComDecoder XComEncoder WebEncoder AirflowJsonEncoder=WebEncoder",
        "airflow.utils.json",
    ),
    Row("flowctl.authoring.xcom", "MAX_XCOM_SIZE", "airflow.utils.xcom airflow.models.xcom"),
    # dates
    Row("flowctl.authoring.timezone", "utc utcnow", "airflow.utils.dates"),
    # the machine, its files and its processes
    Row(
        "flowctl.compat.machine",
        "get_host_ip_address get_hostname getfqdn",
        "airflow.utils.net",
    ),
    Row(
        "flowctl.compat.machine",
        "IS_WINDOWS getuser is_terminal_support_colors is_tty",
        "airflow.utils.platform",
    ),
    Row(
        "flowctl.compat.folders",
        "TemporaryDirectory correct_maybe_zipped get_unique_dag_module_name list_py_file_paths"
        " might_contain_dag mkdirs open_maybe_zipped",
        "airflow.utils.file",
    ),
    Row(
        "flowctl.compat.processes",
        "execute_in_subprocess execute_in_subprocess_with_kwargs kill_child_processes_by_pids"
        " patch_environ",
        "airflow.utils.process_utils",
    ),
    Row("flowctl.compat.processes", "timeout", "airflow.utils.timeout"),
    # the metastore, which user code cannot see
    Row(
        "flowctl.compat.sessions",
        "NEW_SESSION create_session provide_session",
        "airflow.utils.session airflow.utils.db",
    ),
    Row("flowctl.compat.sessions", "Session=NoSession", "airflow.settings"),
    Row("flowctl.compat.sessions", "provide_session", "airflow.utils"),
    # where Airflow 3 keeps what `airflow.sdk` shows
    Row("flowctl.authoring.dag", "DAG dag", "airflow.sdk.definitions.dag"),
    Row("flowctl.authoring.task_group", "TaskGroup", "airflow.sdk.definitions.taskgroup"),
    Row("flowctl.authoring.variable", "Variable", "airflow.sdk.definitions.variable"),
    Row("flowctl.authoring.connection", "Connection", "airflow.sdk.definitions.connection"),
    Row("flowctl.authoring.params", "Param ParamsDict", "airflow.sdk.definitions.param"),
    Row("flowctl.authoring.labels", "EdgeModifier Label", "airflow.sdk.definitions.edges"),
    Row("flowctl.authoring.xcom_arg", "XComArg", "airflow.sdk.definitions.xcom_arg"),
    Row("flowctl.authoring.resolving", "literal", "airflow.sdk.definitions.template"),
    Row("flowctl.authoring.xcom", "BaseXCom", "airflow.sdk.bases.xcom"),
    Row("flowctl.authoring.xcom", "XCom", "airflow.sdk.execution_time.xcom"),
    Row("flowctl.authoring.task_instance", "TaskInstance", "airflow.sdk"),
    Row(
        "flowctl.authoring.task_instance",
        "RuntimeTaskInstance=TaskInstance",
        "airflow.sdk.execution_time.task_runner",
    ),
    Row("flowctl.operators.branch", "BranchMixIn", "airflow.sdk.bases.branch"),
    Row(
        "flowctl.authoring.parsing_context",
        "AirflowParsingContext get_parsing_context",
        "airflow.utils.dag_parsing_context airflow.sdk.definitions.context",
    ),
    Row("flowctl.authoring.parsing_context", "get_parsing_context", "airflow.sdk"),
    Row("flowctl.operators.keywords", "is_async_callable", "airflow.sdk.bases.decorator"),
    Row(
        "flowctl.operators.asynchronous",
        "BaseAsyncOperator",
        "airflow.sdk airflow.sdk.bases.operator",
    ),
    Row(
        "flowctl.authoring.mapped_operator",
        "MappedOperator",
        "airflow.models airflow.models.mappedoperator airflow.sdk.definitions.mappedoperator",
    ),
    # what provider packages had once
    Row("flowctl.compat.dropped", "JdbcOperator", "airflow.providers.jdbc.operators.jdbc"),
    Row(
        "flowctl.compat.dropped",
        "MsSqlOperator",
        "airflow.providers.microsoft.mssql.operators.mssql",
    ),
    Row("flowctl.compat.dropped", "MySqlOperator", "airflow.providers.mysql.operators.mysql"),
    Row("flowctl.compat.dropped", "OracleOperator", "airflow.providers.oracle.operators.oracle"),
    Row(
        "flowctl.compat.dropped",
        "PostgresOperator",
        "airflow.providers.postgres.operators.postgres",
    ),
    Row("flowctl.compat.dropped", "SqliteOperator", "airflow.providers.sqlite.operators.sqlite"),
    Row("flowctl.compat.dropped", "TrinoOperator", "airflow.providers.trino.operators.trino"),
    Row("flowctl.compat.dropped", "VerticaOperator", "airflow.providers.vertica.operators.vertica"),
    # context and calls
    Row(
        "flowctl.authoring.settings",
        "SET_DURING_EXECUTION SetDuringExecution is_arg_set=is_set",
        "airflow.sdk.definitions._internal.types",
    ),
    Row("flowctl.authoring.settings", "is_arg_set=is_set", "airflow.utils.types"),
    Row(
        "flowctl.operators.environments",
        "is_venv_installed",
        "airflow.operators.python airflow.providers.standard.operators.python",
    ),
    Row("flowctl.authoring.weekday", "WeekDay", "airflow.providers.standard.utils.weekday"),
    Row("flowctl.operators.skipping", "SkipMixin", "airflow.providers.standard.utils.skipmixin"),
    Row(
        "flowctl.authoring.context",
        "AirflowContextDeprecationWarning context_copy_partial context_get_outlet_events"
        " context_merge",
        "airflow.utils.context",
    ),
    Row("flowctl.authoring.context", "context_merge", "airflow.sdk.definitions.context"),
    Row(
        "flowctl.authoring.context",
        "AIRFLOW_VAR_NAME_FORMAT_MAPPING",
        "airflow.utils.operator_helpers airflow.sdk.execution_time.context",
    ),
    Row(
        "flowctl.authoring.context",
        "_CURRENT_CONTEXT=entered_contexts",
        "airflow.models.taskinstance",
    ),
    Row("flowctl.authoring.context", "set_current_context=entered", "airflow.models.taskinstance"),
    Row("flowctl.compat.calls", "ExecutionCallableRunner", "airflow.utils.operator_helpers"),
    Row(
        "flowctl.compat.calls",
        "create_executable_runner",
        "airflow.sdk.execution_time.callback_runner",
    ),
    Row(
        "flowctl.operators.keywords",
        "KeywordParameters determine_kwargs make_kwargs_callable",
        "airflow.utils.operator_helpers",
    ),
    Row(
        "flowctl.operators.keywords",
        "KeywordParameters determine_kwargs",
        "airflow.sdk.bases.decorator airflow.sdk.bases.operator",
    ),
    Row("flowctl.runner.context", "ConnectionAccessor VariableAccessor", "airflow.utils.context"),
    # logs and secrets
    Row(
        "flowctl.authoring.masking",
        "should_hide_value_for_key=is_sensitive",
        "airflow.utils.log.secrets_masker airflow.sdk._shared.secrets_masker",
    ),
    Row(
        "flowctl.authoring.masking",
        "mask_secret redact",
        "airflow.sdk._shared.secrets_masker airflow.sdk.execution_time.secrets_masker",
    ),
    Row("flowctl.authoring.masking", "mask_secret", "airflow.sdk.log"),
    Row(
        "flowctl.authoring.logging_mixin",
        "LoggingMixin",
        "airflow.sdk.definitions._internal.logging_mixin",
    ),
    # metrics, lineage, permissions
    Row("flowctl.compat.metrics", "Stats", "airflow.stats airflow.sdk.observability.stats"),
    Row(
        "flowctl.compat.lineage",
        "AUTO PIPELINE_INLETS PIPELINE_OUTLETS apply_lineage get_backend prepare_lineage",
        "airflow.lineage",
    ),
    Row("flowctl.compat.lineage", "Column File Table Tag User", "airflow.lineage.entities"),
    Row(
        "flowctl.compat.lineage",
        "get_hook_lineage_collector",
        "airflow.lineage.hook airflow.sdk.lineage",
    ),
    Row(
        "flowctl.compat.permissions",
        "DatasetDetails",
        "airflow.auth.managers.models.resource_details",
    ),
    Row("flowctl.compat.permissions", PERMISSIONS, "airflow.security.permissions"),
    # configuration
    Row(
        "flowctl.compat.configuration",
        "AirflowConfigParser=Configuration expand_env_var get get_airflow_home getboolean getfloat"
        " getint getsection has_option",
        "airflow.configuration",
    ),
    Row("flowctl.compat.settings", "AIRFLOW_CONFIG", "airflow.configuration"),
    # files elsewhere, secrets
    Row(
        "flowctl.compat.object_storage",
        "ObjectStoragePath",
        "airflow.io.path airflow.sdk airflow.sdk.io airflow.sdk.io.path",
    ),
    Row("flowctl.compat.object_storage", "get_fs has_fs", "airflow.io airflow.sdk.io"),
    Row(
        "flowctl.compat.object_storage",
        "attach",
        "airflow.io.store airflow.sdk.io.store airflow.sdk.io",
    ),
    Row(
        "flowctl.compat.stored_xcoms",
        "XComObjectStorageBackend",
        "airflow.providers.common.io.xcom.backend",
    ),
    Row(
        "flowctl.authoring.secrets",
        "BaseSecretsBackend DEFAULT_SECRETS_SEARCH_PATH",
        "airflow.secrets",
    ),
    Row(
        "flowctl.authoring.secrets",
        "BaseSecretsBackend",
        "airflow.secrets.base_secrets airflow.sdk.bases.secrets_backend",
    ),
    Row(
        "flowctl.authoring.secrets",
        "EnvironmentVariablesBackend",
        "airflow.secrets.environment_variables",
    ),
    Row("flowctl.authoring.secrets", "MetastoreBackend", "airflow.secrets.metastore"),
    Row("flowctl.authoring.secrets", "LocalFilesystemBackend", "airflow.secrets.local_filesystem"),
    # provider packages
    Row(
        "flowctl.hooks.registry",
        "ProvidersManager",
        "airflow.providers_manager airflow.sdk.providers_manager_runtime",
    ),
    Row(
        "flowctl.hooks.registry",
        "ProvidersManagerTaskRuntime=ProvidersManager",
        "airflow.sdk.providers_manager_runtime",
    ),
    # everything in a folder
    Row(
        "flowctl.parsing.dag_bag",
        "DagBag",
        "airflow.models airflow.models.dagbag airflow.dag_processing.dagbag",
    ),
    Row(
        "flowctl.authoring.order",
        "check_cycle test_cycle=check_cycle",
        "airflow.utils.dag_cycle_tester",
    ),
)
