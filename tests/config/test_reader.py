"""Which value counts, what it is read as, and what people are told."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flowctl.config import ConfigError, forget, home, load, set_secrets_reader
from tests.config.conftest import Reading

DATA = Path(__file__).parent / "data"
CONN = ("database", "sql_alchemy_conn")


def test_the_first_use_writes_a_private_file_with_a_new_key(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "home"
    first = load(place, {})
    again = load(place, {})

    assert stat.S_IMODE((place / "airflow.cfg").stat().st_mode) == 0o600
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert [file.name for file in place.iterdir()] == ["airflow.cfg"]
    assert len(first.text("core", "fernet_key")) == 44
    assert first.text("core", "fernet_key") == again.text("core", "fernet_key")
    assert first.warnings == []
    set_here = {s.option.key for s in first.items() if first.is_set(s.option.section, s.option.key)}
    assert set_here == {"fernet_key"}


def test_many_first_uses_at_the_same_time_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        loaded = list(pool.map(lambda _: load(tmp_path / "home", {}), range(16)))

    assert len({conf.text("core", "fernet_key") for conf in loaded}) == 1


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ConfigError, match=r"file/airflow\.cfg cannot be written.*FLOWCTL_HOME"):
        load(tmp_path / "file", {})


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"FLOWCTL_HOME": "/a", "AIRFLOW_HOME": "/b"}, "/a"),
        ({"AIRFLOW_HOME": "$BASE/b", "BASE": "/base"}, "/base/b"),
        ({"FLOWCTL_HOME": "~/mine", "HOME": "/home/ada"}, "/home/ada/mine"),
        ({"HOME": "/home/ada"}, "/home/ada/flowctl"),
    ],
)
def test_home_comes_from_the_environment(variables: dict[str, str], expected: str) -> None:
    assert home(variables) == Path(expected)


def test_without_arguments_the_file_is_read_once(flowctl_home: Path) -> None:
    forget()
    try:
        assert load() is load()
        assert load().home == flowctl_home
    finally:
        forget()


PLACES = [
    ("FLOWCTL__DATABASE__SQL_ALCHEMY_CONN", "ours"),
    ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "theirs"),
    ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD", "echo from-command"),
    ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_SECRET", "conn"),
    ("sql_alchemy_conn", "in-file"),
    ("sql_alchemy_conn_cmd", "echo from-file-command"),
    ("sql_alchemy_conn_secret", "file"),
]
VALUES = [
    "ours", "theirs", "from-command", "secret conn",
    "in-file", "from-file-command", "secret file",
]  # fmt: skip


@pytest.mark.parametrize("first", range(len(PLACES)), ids=[name for name, _ in PLACES])
def test_each_place_counts_before_all_after_it(first: int, reading: Reading) -> None:
    rest = PLACES[first:]
    set_secrets_reader(lambda path: f"secret {path}")
    try:
        conf = reading(
            "[database]\n" + "".join(f"{name} = {text}\n" for name, text in rest if name.islower()),
            **{name: text for name, text in rest if name.isupper()},
        )

        assert conf.text(*CONN) == VALUES[first]
        assert conf.source(*CONN).startswith(rest[0][0] if rest[0][0].isupper() else str(conf.file))
    finally:
        set_secrets_reader(None)


def test_a_default_knows_the_home_folder(reading: Reading) -> None:
    conf = reading()

    assert conf.text(*CONN) == f"sqlite:///{conf.home}/airflow.db"
    assert conf.source(*CONN) == "default"
    assert not conf.is_set(*CONN)


def test_values_have_their_types(reading: Reading) -> None:
    conf = reading("[core]\nsensitive_var_conn_names = pin, , puk\ndags_folder = my\n")

    assert conf.get("core", "parallelism") == conf.whole("core", "parallelism") == 32
    assert conf.number("core", "dagbag_import_timeout") == 30.0
    assert conf.flag("core", "load_examples") is True
    assert conf.words("core", "sensitive_var_conn_names") == ["pin", "puk"]
    assert conf.path("core", "dags_folder") == conf.home / "my"
    assert conf.get("core", "default_task_execution_timeout") is None
    assert conf.get("core", "mp_start_method") is None
    assert conf.whole("triggerer", "default_capacity") == 1000  # text in the table so far


@pytest.mark.parametrize(
    ("section", "key", "text", "allowed"),
    [
        ("core", "parallelism", "many", "a whole number, at least 0"),
        ("core", "parallelism", "-1", "a whole number, at least 0"),
        ("core", "parallelism", "32 # slots", "a whole number, at least 0"),
        ("core", "dagbag_import_timeout", "nan", "a number, at least 0"),
        ("core", "load_examples", "yes", "True or False"),
        ("core", "dag_ignore_file_syntax", "Glob", "one of regexp, glob"),
        ("logging", "logging_level", "LOUD", "one of INFO, DEBUG"),
        ("webserver", "web_server_port", "65536", "a port, at least 0, at most 65535"),
    ],
)
def test_a_bad_value_stops_with_all_that_helps(
    section: str, key: str, text: str, allowed: str, reading: Reading
) -> None:
    with pytest.raises(ConfigError) as in_file:
        reading(f"\n[{section}]\n{key} = {text}\n")
    variable = f"AIRFLOW__{section}__{key}".upper()
    with pytest.raises(ConfigError) as in_variable:
        reading(**{variable: text})

    start = f"[{section}] {key} is {text!r}"
    assert str(in_file.value).startswith(start)
    assert "airflow.cfg line 3), but must be " + allowed in str(in_file.value)
    assert f"{start} ({variable}), but must be {allowed}" in str(in_variable.value)


@pytest.mark.parametrize(
    ("text", "expected"), [("T", True), ("1", True), ("FALSE # no", False), ("f", False)]
)
def test_truth_values_are_read_as_airflow_reads_them(
    text: str, expected: bool, reading: Reading
) -> None:
    assert reading(f"[core]\nload_examples = {text}").flag("core", "load_examples") is expected


def test_secrets_are_in_no_message(reading: Reading) -> None:
    with pytest.raises(ConfigError, match="hidden") as bad:
        reading("[database]\nsql_alchemy_engine_args = {canary\n")
    conf = reading(
        "[smtp]\nsmtp_password = canary\n[database]\nsql_alchemy_conn_cmd = cat /canary\n",
        AIRFLOW__CORE__SQL_ALCHEMY_CONN="canary",
        FLOWCTL__CORE__SQL_ALCHEMY_CONN="canary2",
    )
    with pytest.raises(ConfigError) as broken:
        reading("[core]\nfernet_key = a\ncanary\n")

    assert "canary" not in f"{bad.value}{conf.warnings}{broken.value}"
    assert "airflow.cfg line 3: this is neither" in str(broken.value)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("false", "failed with exit code 1"),
        ("true", "printed nothing"),
        ("/no/such/program", "cannot be run: No such file"),
        ("'", "cannot be run: it is no command"),
    ],
)
def test_a_command_that_gives_no_value_stops(command: str, message: str, reading: Reading) -> None:
    conf = reading(AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD=command)

    with pytest.raises(ConfigError, match=f"SQL_ALCHEMY_CONN_CMD.*{message}"):
        conf.text(*CONN)


def test_a_secret_without_a_backend_says_so(reading: Reading) -> None:
    conf = reading(AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_SECRET="conn")

    with pytest.raises(
        ConfigError, match="secrets backend \\(from 'conn'\\), and \\[secrets\\] backend names none"
    ):
        conf.text(*CONN)


def test_commands_are_for_secrets_only(reading: Reading) -> None:
    conf = reading(AIRFLOW__CORE__PARALLELISM_CMD="echo 5")

    assert conf.whole("core", "parallelism") == 32
    [warning] = conf.warnings
    assert warning.startswith("AIRFLOW__CORE__PARALLELISM_CMD has no effect")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("p%%40ss", "p%40ss"),
        ("p%40ss", "p%40ss"),
        ("%(executor)s/x", "LocalExecutor/x"),
        ("%(nothing)s", "%(nothing)s"),
        ("%(default_timezone)s", "%(default_timezone)s"),
        ("$PLACE/${PLACE}/$nothing", "/srv//srv/$nothing"),
        ("~/x~", "/home/ada/x~"),
        ("$LOOP", "x" * 10 + "$LOOP"),
    ],
)
def test_what_a_value_may_refer_to(written: str, expected: str, reading: Reading) -> None:
    file = f"[core]\nexecutor = LocalExecutor\ndefault_timezone = {written}\n"

    conf = reading(file, PLACE="/srv", LOOP="x$LOOP")

    assert conf.text("core", "default_timezone") == expected


def test_percent_signs_in_variables_stay(reading: Reading) -> None:
    conf = reading(AIRFLOW__CORE__DEFAULT_TIMEZONE="a%%b%(executor)s")

    assert conf.text("core", "default_timezone") == "a%%b%(executor)s"


def test_the_file_that_airflow_writes_loads_without_a_word(reading: Reading) -> None:
    file = (DATA / "airflow-2.10.5.cfg").read_text()
    conf = reading(file)
    moved = reading(file.replace("/opt/airflow", str(conf.home)))

    assert moved.warnings == []
    assert moved.text("webserver", "web_server_host") == "0.0.0.0"
    assert moved.text("logging", "simple_log_format") == "%(asctime)s %(levelname)s - %(message)s"
    assert all("/opt/airflow" not in warning for warning in moved.warnings)
    assert {w.rsplit(" has no effect")[0].split(": ")[1] for w in conf.warnings} <= {
        "[core] plugins_folder",
        "[logging] dag_processor_manager_log_location",
        "[scheduler] child_process_log_directory",
        "[webserver] config_file",
    }


def test_a_file_from_airflow_1_10_means_what_it_meant(reading: Reading) -> None:
    conf = reading((DATA / "airflow-1.10.cfg").read_text())

    assert conf.text(*CONN) == "postgresql+psycopg2://airflow:p%40ss@db/airflow"
    assert conf.whole("database", "sql_alchemy_pool_size") == 7
    assert conf.whole("core", "max_active_tasks_per_dag") == 8
    assert conf.whole("core", "dag_concurrency") == 8
    assert conf.whole("core", "default_pool_task_slot_count") == 99
    assert conf.whole("scheduler", "parsing_processes") == 3
    assert conf.path("logging", "base_log_folder") == Path("/opt/airflow/task-logs")
    assert conf.text("logging", "logging_level") == "WARNING"
    assert conf.flag("core", "hide_sensitive_var_conn_fields") is False
    assert len(conf.warnings) == len(set(conf.warnings)) == 12
    assert sum("is an older name of" in warning for warning in conf.warnings) == 11
    assert "[mesos] has no effect: there is no Mesos executor" in conf.warnings[-1]


@pytest.mark.parametrize(
    ("section", "key", "near"),
    [
        ("core", "paralelism", "[core] parallelism"),
        ("schedler", "parsing_processes", "[scheduler] parsing_processes"),
    ],
)
def test_an_unknown_name_warns_once_and_names_the_nearest(
    section: str, key: str, near: str, reading: Reading
) -> None:
    [in_file] = reading(f"[{section}]\n{key} = 3\n").warnings
    [in_variable] = reading(**{f"AIRFLOW__{section}__{key}".upper(): "3"}).warnings

    assert in_file.endswith(f"no option [{section}] {key}; the nearest is {near}")
    assert in_variable.endswith(f"no option [{section}] {key}; the nearest is {near}")


def test_people_may_keep_settings_of_their_own(reading: Reading) -> None:
    conf = reading("[shop]\nCurrency = EUR\n", AIRFLOW__SHOP__LIMIT="7")

    assert conf.text("shop", "currency") == "EUR"
    assert conf.whole("shop", "limit") == 7
    with pytest.raises(ConfigError, match=r"there is no option \[shop\] zzz"):
        conf.get("shop", "zzz")


def test_an_option_without_effect_warns_when_it_is_changed(reading: Reading) -> None:
    same = reading("[sentry]\nsentry_on = false\n")
    changed = reading("[sentry]\nsentry_on = true\n[celery]\na = 1\nb = 2\n")

    assert same.warnings == []
    celery, sentry = changed.warnings
    assert sentry.endswith("line 2: [sentry] sentry_on has no effect: Sentry is not built yet")
    assert celery.endswith("line 4: [celery] has no effect: the Celery executor is not built yet")


def test_two_variables_that_differ_are_named(reading: Reading) -> None:
    conf = reading(FLOWCTL__CORE__PARALLELISM="3", AIRFLOW__CORE__PARALLELISM="4")

    assert conf.whole("core", "parallelism") == 3
    assert conf.warnings == [
        "FLOWCTL__CORE__PARALLELISM and AIRFLOW__CORE__PARALLELISM differ;"
        " FLOWCTL__CORE__PARALLELISM counts"
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a = 1\n", r"line 1: a \[section\] must come"),
        (b"[core]\na = 1\na = 2\n", r"line 3: \[core\] a is there twice"),
        (b"[core]\n[core]\n", r"line 2: section \[core\] is there twice"),
        (b"[core]\nwhat\n", "line 2: this is neither"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_broken_file_names_the_line(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "airflow.cfg").write_bytes(content)

    with pytest.raises(ConfigError, match=message):
        load(tmp_path, {})
