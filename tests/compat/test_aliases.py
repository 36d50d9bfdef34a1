"""Names of Airflow 1.10 lead to where they are today, or to the package that has them."""

from pathlib import Path

from flowctl.compat import aliases
from tests.compat.test_finder import error_of, provider, run


def test_a_name_of_contrib_is_taken_from_its_provider_package(tmp_path: Path) -> None:
    """The package is the real one, or here a folder like it."""
    home = provider(tmp_path, "ssh", "") / "airflow" / "providers" / "ssh" / "operators"
    home.mkdir()
    (home / "ssh.py").write_text("class SSHOperator: pass")
    code = "from airflow.contrib.operators.ssh_operator import SSHOperator; print(SSHOperator)"
    assert "airflow.providers.ssh.operators.ssh.SSHOperator" in run(code, folder=tmp_path)


def test_without_the_package_the_error_says_what_installs_it() -> None:
    """For old names and for modules of providers themselves."""
    said = error_of("from airflow.contrib.hooks.ssh_hook import SSHHook")
    assert said.startswith("`airflow.contrib.hooks.ssh_hook.SSHHook` is `airflow.providers.ssh")
    assert said.endswith("flowctl providers add ssh")
    said = error_of("from airflow.hooks.hive_hooks import HiveCliHook")
    assert said.endswith("flowctl providers add apache.hive")


def test_a_name_that_its_package_no_longer_has_is_an_import_error(tmp_path: Path) -> None:
    """Provider packages drop names, too."""
    home = provider(tmp_path, "ssh", "") / "airflow" / "providers" / "ssh" / "hooks"
    home.mkdir()
    (home / "ssh.py").write_text("")
    said = error_of("from airflow.contrib.hooks.ssh_hook import SSHHook", tmp_path)
    assert "is not in the installed version of airflow.providers.ssh.hooks.ssh" in said


def test_every_line_of_the_table_is_whole() -> None:
    """Old names lead to modules of today; nothing is its own successor."""
    table = aliases.modules()
    assert len(table) > 250
    for old, names in table.items():
        for module, name in names.values():
            assert module.startswith("airflow.")
            assert name
            assert module != old


SQL = """
class SQLExecuteQueryOperator:
    def __init__(self, *, conn_id, sql, hook_params=None):
        self.said = (conn_id, sql, hook_params)
"""


def test_operators_that_packages_have_dropped_run_over_common_sql(tmp_path: Path) -> None:
    """With the arguments that they had."""
    home = provider(tmp_path, "common", "") / "airflow" / "providers" / "common" / "sql"
    (home / "operators").mkdir(parents=True)
    (home / "operators" / "sql.py").write_text(SQL)
    code = """
from airflow.providers.postgres.operators.postgres import PostgresOperator
from airflow.operators.mysql_operator import MySqlOperator
print(PostgresOperator(postgres_conn_id="mine", sql="x", database="d").said)
print(MySqlOperator(sql="y").said, MySqlOperator.__name__)
"""
    assert run(code, folder=tmp_path).splitlines() == [
        "('mine', 'x', {'schema': 'd'})",
        "('mysql_default', 'y', None) MySqlOperator",
    ]
    said = error_of("from airflow.providers.sqlite.operators.sqlite import SqliteOperator")
    assert said.endswith("flowctl providers add common.sql")


def test_flowctl_s_own_goes_before_a_module_that_asks_the_metastore(tmp_path: Path) -> None:
    """Other modules of the package are the real ones."""
    home = provider(tmp_path, "standard", "") / "airflow" / "providers" / "standard" / "operators"
    home.mkdir()
    for name in ("trigger_dagrun", "bash"):
        (home / f"{name}.py").write_text("TriggerDagRunOperator = BashOperator = 'the real one'")
    code = """
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.providers.standard.operators.bash import BashOperator
print(TriggerDagRunOperator.__module__, BashOperator)
"""
    expected = "flowctl.operators.trigger_dagrun the real one"
    assert run(code, folder=tmp_path) == expected
