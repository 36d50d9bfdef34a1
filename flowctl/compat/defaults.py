"""What do DAGs and tasks get that say nothing themselves, by the configuration?

`flowctl.authoring.settings` holds these values and knows no configuration; this is the way from one
to the other. Whoever makes DAGs calls `apply` first: the parent of parser children, the parent of
attempts, and commands that run a DAG file in their own process.
"""

from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flowctl.authoring.mail import settings
from flowctl.authoring.masking import mask_secret
from flowctl.authoring.settings import defaults, stored
from flowctl.config import Config, load
from flowctl.config.options import named


def apply(conf: Config) -> None:
    """Have DAGs and tasks made from now on take their defaults from `conf`.

    Raises:
        ConfigError: one of the values cannot be used.
    """
    zone = conf.text("core", "default_timezone")
    limit_s = conf.get("core", "default_task_execution_timeout")
    defaults.timezone = "UTC" if zone.lower() == "utc" else zone
    defaults.max_active_tasks = conf.whole("core", "max_active_tasks_per_dag")
    defaults.max_active_runs = conf.whole("core", "max_active_runs_per_dag")
    defaults.max_consecutive_failed_dag_runs = conf.whole(
        "core", "max_consecutive_failed_dag_runs_per_dag"
    )
    generation = conf.text("compat", "dag_defaults")
    defaults.generation = int(generation) if generation.isdigit() else None
    defaults.catchup = _said(conf, "scheduler", "catchup_by_default")
    window_s = conf.number("scheduler", "catchup_window")
    defaults.catchup_window = timedelta(seconds=window_s) if window_s else None
    defaults.has_intervals = _said(conf, "scheduler", "create_cron_data_intervals")
    defaults.owner = conf.text("operators", "default_owner")
    defaults.queue = conf.text("operators", "default_queue")
    defaults.sensor_timeout_s = conf.number("sensors", "default_timeout")
    defaults.deferrable = conf.flag("operators", "default_deferrable")
    defaults.allow_illegal_arguments = conf.flag("operators", "allow_illegal_arguments")
    defaults.base_url = conf.text("webserver", "base_url")
    defaults.venv_install_method = conf.text("standard", "venv_install_method")
    defaults.email_on_failure = conf.flag("email", "default_email_on_failure")
    defaults.email_on_retry = conf.flag("email", "default_email_on_retry")
    _apply_mail(conf)
    defaults.retries = conf.whole("core", "default_task_retries")
    defaults.retry_delay = timedelta(seconds=conf.number("core", "default_task_retry_delay"))
    defaults.execution_timeout = None if limit_s is None else timedelta(seconds=limit_s)
    defaults.mem = conf.get("core", "default_task_memory")
    defaults.weight_rule = conf.text("core", "default_task_weight_rule")
    defaults.ignore_first_depends_on_past = conf.flag(
        "scheduler", "ignore_first_depends_on_past_by_default"
    )
    stored.secrets_backend = conf.text("secrets", "backend")
    stored.secrets_options = conf.get("secrets", "backend_kwargs")
    stored.secrets_kept_s = conf.number("secrets", "cache_ttl_seconds")
    if not conf.flag("secrets", "use_cache"):
        stored.secrets_kept_s = 0.0
    stored.xcom_backend = conf.text("core", "xcom_backend")
    stored.xcom_classes = (
        conf.text("core", "allowed_deserialization_classes"),
        conf.text("core", "allowed_deserialization_classes_regexp"),
    )


def _said(conf: Config, section: str, key: str) -> bool | None:
    """Return what somebody set, None where only the default speaks: it is not that of Airflow 3."""
    return conf.flag(section, key) if conf.is_set(section, key) else None


def _apply_mail(conf: Config) -> None:
    mail = settings
    mail.backend = conf.text("email", "email_backend")
    mail.conn_id = conf.text("email", "email_conn_id")
    mail.from_email = conf.text("email", "from_email")
    mail.subject_template = conf.text("email", "subject_template")
    mail.html_content_template = conf.text("email", "html_content_template")
    mail.ssl_context = conf.text("email", "ssl_context")
    mail.host = conf.text("smtp", "smtp_host")
    mail.port = conf.whole("smtp", "smtp_port")
    mail.starttls = conf.flag("smtp", "smtp_starttls")
    mail.ssl = conf.flag("smtp", "smtp_ssl")
    mail.user = conf.text("smtp", "smtp_user")
    mail.password = conf.text("smtp", "smtp_password")
    mask_secret(mail.password)
    mail.mail_from = conf.text("smtp", "smtp_mail_from")
    mail.timeout_s = conf.whole("smtp", "smtp_timeout")
    mail.retry_limit = conf.whole("smtp", "smtp_retry_limit")


def apply_own() -> None:
    """Do the same with the configuration of this process."""
    apply(load())


def mask_option(section: str, key: str, value: Any) -> Any:
    """Hide the value of an option that is secret, now that user code has read it; return it."""
    row = named(section, key)
    if row is not None and row.sensitive and isinstance(value, str):
        mask_secret(value)
        with suppress(ValueError):  # it is no address
            mask_secret(urlsplit(value).password or "")
    return value
