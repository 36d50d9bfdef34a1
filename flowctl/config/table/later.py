"""Options that Airflow 2.10 has and flowctl does not act on, each with the reason.

They are here so that an airflow.cfg that Airflow wrote loads without a word, and whoever changed
one of them is told that the change does nothing here. When a part is built, its rows move to
the file of their section and get a kind and a description.
"""

from collections.abc import Iterator

from flowctl.config.kinds import text
from flowctl.config.row import Option

OLD_NAMES: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("logging", "interleave_timestamp_parser"): (("core", "interleave_timestamp_parser"),),
    ("logging", "remote_logging"): (("core", "remote_logging"),),
    ("logging", "remote_log_conn_id"): (("core", "remote_log_conn_id"),),
    ("logging", "remote_base_log_folder"): (("core", "remote_base_log_folder"),),
    ("logging", "encrypt_s3_logs"): (("core", "encrypt_s3_logs"),),
    ("logging", "fab_logging_level"): (("core", "fab_logging_level"),),
    ("logging", "logging_config_class"): (("core", "logging_config_class"),),
    ("logging", "colored_console_log"): (("core", "colored_console_log"),),
    ("logging", "colored_log_format"): (("core", "colored_log_format"),),
    ("logging", "colored_formatter_class"): (("core", "colored_formatter_class"),),
    ("logging", "log_format"): (("core", "log_format"),),
    ("logging", "simple_log_format"): (("core", "simple_log_format"),),
    ("logging", "task_log_prefix_template"): (("core", "task_log_prefix_template"),),
    ("logging", "log_filename_template"): (("core", "log_filename_template"),),
    ("logging", "log_processor_filename_template"): (("core", "log_processor_filename_template"),),
    ("logging", "dag_processor_manager_log_location"): (
        ("core", "dag_processor_manager_log_location"),
    ),
    ("logging", "task_log_reader"): (("core", "task_log_reader"),),
    ("metrics", "metrics_allow_list"): (("metrics", "statsd_allow_list"),),
    ("metrics", "metrics_block_list"): (("metrics", "statsd_block_list"),),
    ("metrics", "statsd_on"): (("scheduler", "statsd_on"),),
    ("metrics", "statsd_host"): (("scheduler", "statsd_host"),),
    ("metrics", "statsd_port"): (("scheduler", "statsd_port"),),
    ("metrics", "statsd_prefix"): (("scheduler", "statsd_prefix"),),
    ("metrics", "stat_name_handler"): (("scheduler", "stat_name_handler"),),
    ("metrics", "statsd_datadog_enabled"): (("scheduler", "statsd_datadog_enabled"),),
    ("metrics", "statsd_datadog_tags"): (("scheduler", "statsd_datadog_tags"),),
    ("metrics", "statsd_datadog_metrics_tags"): (("scheduler", "statsd_datadog_metrics_tags"),),
    ("metrics", "statsd_custom_client_path"): (("scheduler", "statsd_custom_client_path"),),
    ("scheduler", "scheduler_idle_sleep_time"): (("scheduler", "processor_poll_interval"),),
    ("logging", "worker_log_server_port"): (("celery", "worker_log_server_port"),),
    ("api", "access_control_allow_origins"): (("api", "access_control_allow_origin"),),
    ("database", "sql_engine_encoding"): (("core", "sql_engine_encoding"),),
    ("database", "sql_engine_collation_for_ids"): (("core", "sql_engine_collation_for_ids"),),
    ("database", "sql_alchemy_connect_args"): (("core", "sql_alchemy_connect_args"),),
    ("database", "load_default_connections"): (("core", "load_default_connections"),),
    ("database", "max_db_retries"): (("core", "max_db_retries"),),
    ("scheduler", "parsing_cleanup_interval"): (("scheduler", "deactivate_stale_dags_interval"),),
    ("scheduler", "task_queued_timeout_check_interval"): (
        ("kubernetes_executor", "worker_pods_pending_timeout_check_interval"),
    ),
    ("fab", "update_fab_perms"): (("webserver", "update_fab_perms"),),
    ("fab", "auth_rate_limited"): (("webserver", "auth_rate_limited"),),
    ("fab", "auth_rate_limit"): (("webserver", "auth_rate_limit"),),
    ("scheduler", "task_queued_timeout"): (
        ("celery", "stalled_task_timeout"),
        ("celery", "task_adoption_timeout"),
        ("kubernetes_executor", "worker_pods_pending_timeout"),
    ),
}
"""The names that some of these had in an older Airflow."""

SENSITIVE = frozenset(
    {
        ("core", "dataset_manager_kwargs"),
        ("core", "internal_api_secret_key"),
        ("logging", "remote_task_handler_kwargs"),
        ("webserver", "secret_key"),
        ("smtp", "smtp_password"),
        ("sentry", "sentry_dsn"),
    }
)
"""Those that hold secrets."""

UNBUILT_SECTIONS = {
    "aws": "hooks for this are not built yet",
    "azure_remote_logging": "logs that are kept on other machines are not built yet",
    "celery": "the Celery executor is not built yet",
    "celery_broker_transport_options": "the Celery executor is not built yet",
    "celery_kubernetes_executor": "the Celery and Kubernetes executors are not built yet",
    "dask": "the Dask executor is not built yet",
    "elasticsearch": "logs that are kept on other machines are not built yet",
    "elasticsearch_configs": "logs that are kept on other machines are not built yet",
    "github_enterprise": "the web interface is not built yet",
    "hive": "hooks for this are not built yet",
    "kubernetes": "the Kubernetes executor is not built yet",
    "kubernetes_environment_variables": "the Kubernetes executor is not built yet",
    "kubernetes_executor": "the Kubernetes executor is not built yet",
    "kubernetes_secrets": "the Kubernetes executor is not built yet",
    "ldap": "the web interface is not built yet",
    "local_kubernetes_executor": "the Kubernetes executor is not built yet",
    "mesos": "there is no Mesos executor",
    "opensearch": "logs that are kept on other machines are not built yet",
    "openlineage": "lineage is not built yet",
}
"""Sections of Airflow, 1.10 included, and of its providers that flowctl does not look into."""


def without_effect(reason: str, listing: str) -> Iterator[Option]:
    """Make rows from lines of sections and keys with Airflow's defaults."""
    section = ""
    for line in map(str.strip, listing.splitlines()):
        if line.startswith("["):
            section = line[1:-1]
        elif line:
            key, equals, default = (part.strip() for part in line.partition("="))
            name = (section, key)
            kind = text(default if equals else None)
            yield Option(*name, kind, "", name in SENSITIVE, OLD_NAMES.get(name, ()), reason)


ROWS: tuple[Option, ...] = (
    *without_effect(
        "flowctl names a machine by what the system calls it",
        r"""
        [core]
        hostname_callable = airflow.utils.net.getfqdn
        """,
    ),
    *without_effect(
        "flowctl always decides by the text of the file (dag_discovery_safe_mode)",
        r"""
        [core]
        might_contain_dag_callable = airflow.utils.file.might_contain_dag_via_default_heuristic
        """,
    ),
    *without_effect(
        "the web interface is not built yet",
        r"""
        [core]
        auth_manager = airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager
        [fab]
        auth_rate_limited = True
        auth_rate_limit = 5 per 40 second
        update_fab_perms = True
        [webserver]
        secret_key = {SECRET_KEY}
        access_denied_message = Access is Denied
        config_file = {AIRFLOW_HOME}/webserver_config.py
        default_ui_timezone = UTC
        web_server_ssl_cert =
        web_server_ssl_key =
        session_backend = database
        web_server_master_timeout = 120
        web_server_worker_timeout = 120
        worker_refresh_batch_size = 1
        worker_refresh_interval = 6000
        reload_on_plugin_change = False
        worker_class = sync
        access_logfile = -
        error_logfile = -
        access_logformat =
        expose_hostname = False
        expose_stacktrace = False
        dag_default_view = grid
        dag_orientation = LR
        grid_view_sorting_order = topological
        log_fetch_timeout_sec = 5
        log_fetch_delay_sec = 2
        log_auto_tailing_offset = 30
        log_animation_speed = 1000
        hide_paused_dags_by_default = False
        page_size = 100
        navbar_color = #fff
        navbar_text_color = #51504f
        navbar_hover_color = #eee
        navbar_text_hover_color = #51504f
        navbar_logo_text_color = #51504f
        default_dag_run_display_number = 25
        cookie_secure = False
        cookie_samesite = Lax
        default_wrap = False
        x_frame_enabled = True
        analytics_tool
        analytics_id
        analytics_url
        show_recent_stats_for_completed_runs = True
        instance_name
        instance_name_has_markup = False
        auto_refresh_interval = 3
        warn_deployment_exposure = True
        audit_view_excluded_events
        audit_view_included_events
        enable_swagger_ui = True
        run_internal_api = False
        caching_hash_method = md5
        show_trigger_form_if_no_params = False
        num_recent_configurations_for_trigger = 5
        allow_raw_html_descriptions = False
        allowed_payload_size = 1.0
        require_confirmation_dag_change = False
        max_form_memory_size = 500000
        max_form_parts = 1000
        """,
    ),
    *without_effect(
        "flowctl starts processes and keeps DAGs in its own way and needs no such setting",
        r"""
        [core]
        mp_start_method
        execute_tasks_new_python_interpreter = False
        donot_pickle = True
        task_runner = StandardTaskRunner
        task_success_overtime = 20
        min_serialized_dag_update_interval = 30
        compress_serialized_dags = False
        min_serialized_dag_fetch_interval = 10
        daemon_umask = 0o077
        """,
    ),
    *without_effect(
        "plug-ins are not built yet",
        r"""
        [core]
        lazy_load_plugins = True
        lazy_discover_providers = True
        """,
    ),
    *without_effect(
        "running tasks as another user is not built yet",
        r"""
        [core]
        default_impersonation =
        """,
    ),
    *without_effect(
        "Kerberos is not built yet",
        r"""
        [core]
        security =
        [kerberos]
        ccache = /tmp/airflow_krb5_ccache
        principal = airflow
        reinit_frequency = 3600
        kinit_path = kinit
        keytab = airflow.keytab
        forwardable = True
        include_ip = True
        """,
    ),
    *without_effect(
        "flowctl has no test mode; its tests give it a configuration",
        r"""
        [core]
        unit_test_mode = False
        """,
    ),
    *without_effect(
        "XComs are JSON, never pickles",
        r"""
        [core]
        enable_xcom_pickling = False
        """,
    ),
    *without_effect(
        "keeping rendered fields is not built yet",
        r"""
        [core]
        max_num_rendered_ti_fields_per_task = 30
        """,
    ),
    *without_effect(
        "assets are kept by flowctl itself; a URI that its provider does not take is warned of",
        r"""
        [core]
        dataset_manager_class
        dataset_manager_kwargs
        strict_dataset_uri_validation = False
        """,
    ),
    *without_effect(
        "tasks of flowctl never see the metastore, so nothing needs isolating",
        r"""
        [core]
        database_access_isolation = False
        internal_api_url
        internal_api_secret_key = {SECRET_KEY}
        """,
    ),
    *without_effect(
        "flowctl makes and opens its metastore in its own way and needs no such setting",
        r"""
        [database]
        alembic_ini_file_path = alembic.ini
        sql_engine_encoding = utf-8
        sql_engine_collation_for_ids
        sql_alchemy_connect_args
        sql_alchemy_session_maker
        max_db_retries = 3
        """,
    ),
    *without_effect(
        "flowctl makes no example connections",
        r"""
        [database]
        load_default_connections = True
        """,
    ),
    *without_effect(
        "logs that are kept on other machines are not built yet",
        r"""
        [logging]
        remote_logging = False
        remote_log_conn_id =
        delete_local_logs = False
        google_key_path =
        remote_base_log_folder =
        remote_task_handler_kwargs =
        encrypt_s3_logs = False
        task_log_reader = task
        worker_log_server_port = 8793
        trigger_log_server_port = 8794
        interleave_timestamp_parser
        """,
    ),
    *without_effect(
        "the part that would log this is not built yet",
        r"""
        [logging]
        celery_logging_level =
        fab_logging_level = WARNING
        celery_stdout_stderr_separation = False
        """,
    ),
    *without_effect(
        "the form of log lines is fixed so far",
        r"""
        [logging]
        logging_config_class =
        colored_console_log = True
        colored_log_format = [%(blue)s%(asctime)s%(reset)s] {%(blue)s%(filename)s:%(reset)s%(lineno)d} %(log_color)s%(levelname)s%(reset)s - %(log_color)s%(message)s%(reset)s
        colored_formatter_class = airflow.utils.log.colored_log.CustomTTYColoredFormatter
        log_format = [%(asctime)s] {%(filename)s:%(lineno)d} %(levelname)s - %(message)s
        simple_log_format = %(asctime)s %(levelname)s - %(message)s
        log_formatter_class = airflow.utils.log.timezone_aware.TimezoneAware
        secret_mask_adapter =
        task_log_prefix_template =
        extra_logger_names =
        enable_task_context_logger = True
        color_log_error_keywords = error,exception
        color_log_warning_keywords = warn
        """,  # noqa: E501 - a default is one line
    ),
    *without_effect(
        "what a DAG file prints while it is read has a log of its own, of bounded size",
        r"""
        [logging]
        dag_processor_log_target = file
        dag_processor_log_format = [%(asctime)s] [SOURCE:DAG_PROCESSOR] {%(filename)s:%(lineno)d} %(levelname)s - %(message)s
        log_processor_filename_template = {{ filename }}.log
        dag_processor_manager_log_location = {AIRFLOW_HOME}/logs/dag_processor_manager/dag_processor_manager.log
        dag_processor_manager_log_stdout = False
        """,  # noqa: E501 - a default is one line
    ),
    *without_effect(
        "the layout of task logs is fixed, and only their owner may read them",
        r"""
        [logging]
        log_filename_template = dag_id={{ ti.dag_id }}/run_id={{ ti.run_id }}/task_id={{ ti.task_id }}/{% if ti.map_index >= 0 %}map_index={{ ti.map_index }}/{% endif %}attempt={{ try_number }}.log
        file_task_handler_new_folder_permissions = 0o775
        file_task_handler_new_file_permissions = 0o664
        """,  # noqa: E501 - a default is one line
    ),
    *without_effect(
        "metrics are not built yet",
        r"""
        [metrics]
        metrics_use_pattern_match = False
        metrics_allow_list =
        metrics_block_list =
        statsd_on = False
        statsd_host = localhost
        statsd_port = 8125
        statsd_prefix = airflow
        stat_name_handler =
        statsd_datadog_enabled = False
        statsd_datadog_tags =
        statsd_datadog_metrics_tags = True
        statsd_custom_client_path
        statsd_disabled_tags = job_id,run_id
        statsd_influxdb_enabled = False
        otel_on = False
        otel_host = localhost
        otel_port = 8889
        otel_prefix = airflow
        otel_interval_milliseconds = 60000
        otel_debugging_on = False
        otel_service = Airflow
        otel_ssl_active = False
        [scheduler]
        print_stats_interval = 30
        pool_metrics_interval = 5.0
        """,
    ),
    *without_effect(
        "traces are not built yet",
        r"""
        [traces]
        otel_on = False
        otel_host = localhost
        otel_port = 8889
        otel_service = Airflow
        otel_debugging_on = False
        otel_ssl_active = False
        otel_task_log_event = False
        """,
    ),
    *without_effect(
        "commands work on the metastore directly; a remote client is not built yet",
        r"""
        [cli]
        api_client = airflow.api.client.local_client
        endpoint_url = http://localhost:8080
        """,
    ),
    *without_effect(
        "the REST API is not built yet",
        r"""
        [api]
        enable_experimental_api = False
        google_oauth2_audience =
        google_key_path =
        access_control_allow_headers =
        access_control_allow_methods =
        access_control_allow_origins =
        enable_xcom_deserialize_support = False
        """,
    ),
    *without_effect(
        "lineage is not built yet",
        r"""
        [lineage]
        backend =
        """,
    ),
    *without_effect(
        "a deferred task is looked at when its time is over",
        r"""
        [scheduler]
        trigger_timeout_check_interval = 15
        """,
    ),
    *without_effect(
        "flowctl does not reserve resources for tasks",
        r"""
        [operators]
        default_cpus = 1
        default_ram = 512
        default_disk = 512
        default_gpus = 0
        """,
    ),
    *without_effect(
        "flowctl has no sensor that reads mail; it belongs to the provider package imap",
        r"""
        [imap]
        ssl_context
        """,
    ),
    *without_effect(
        "Sentry is not built yet",
        r"""
        [sentry]
        sentry_on = false
        sentry_dsn =
        before_send
        """,
    ),
    *without_effect(
        "flowctl knows at once when a process ends and needs no such setting",
        r"""
        [scheduler]
        job_heartbeat_sec = 5
        local_task_job_heartbeat_sec = 0
        orphaned_tasks_check_interval = 300.0
        scheduler_zombie_task_threshold = 300
        zombie_detection_interval = 10.0
        task_queued_timeout = 600.0
        task_queued_timeout_check_interval = 120.0
        """,
    ),
    *without_effect(
        "the scheduler runs until it is stopped",
        r"""
        [scheduler]
        num_runs = -1
        """,
    ),
    *without_effect(
        "flowctl schedules and reads files in its own way and needs no such setting",
        r"""
        [scheduler]
        scheduler_idle_sleep_time = 1
        parsing_cleanup_interval = 60
        stale_dag_threshold = 50
        max_tis_per_query = 16
        use_row_level_locking = True
        max_dagruns_to_create_per_loop = 10
        max_dagruns_per_loop_to_schedule = 20
        schedule_after_task_execution = True
        parsing_pre_import_modules = True
        file_parsing_sort_mode = modified_time
        """,
    ),
    *without_effect(
        "new files are found at once",
        r"""
        [scheduler]
        dag_dir_list_interval = 300
        """,
    ),
    *without_effect(
        "flowctl never works on tables that are not up to date",
        r"""
        [database]
        check_migrations = True
        """,
    ),
    *without_effect(
        "the scheduler's own health server is not built yet; ask /health of the web server",
        r"""
        [scheduler]
        enable_health_check = False
        scheduler_health_check_server_host = 0.0.0.0
        scheduler_health_check_server_port = 8974
        """,
    ),
    *without_effect(
        "a separate process for reading DAG files is not built yet",
        r"""
        [scheduler]
        standalone_dag_processor = False
        max_callbacks_per_loop = 20
        dag_stale_not_seen_duration = 600
        """,
    ),
)
