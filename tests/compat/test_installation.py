"""Provider packages are installed without Airflow, and programs still find its version."""

import zipfile
from email import message_from_string
from pathlib import Path

import pytest

from flowctl.compat import distribution, installation, stand_in
from flowctl.compat.installation import InstallError, requirement
from tests.compat.test_finder import run


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("http", "apache-airflow-providers-http"),
        ("common.sql", "apache-airflow-providers-common-sql"),
        ("common-sql==1.21.0", "apache-airflow-providers-common-sql==1.21.0"),
        ("slack >= 9", "apache-airflow-providers-slack>= 9"),
        ("postgres[amazon]<7", "apache-airflow-providers-postgres[amazon]<7"),
        ("apache-airflow-providers-ssh", "apache-airflow-providers-ssh"),
    ],
)
def test_a_provider_is_named_shortly_or_in_full(written: str, meant: str) -> None:
    """With a version and extras, as pip takes them."""
    assert requirement(written) == meant


def test_what_is_no_name_is_refused() -> None:
    """An option of pip, for example."""
    with pytest.raises(InstallError, match=r"'--pre' is no provider; write http"):
        requirement("--pre")


def test_the_stand_in_is_a_wheel_without_code(tmp_path: Path) -> None:
    """It requires what Airflow would have brought, and nothing is in it but that."""
    wheel = stand_in.wheel(tmp_path, "2.11.2")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        about = message_from_string(archive.read(names[0]).decode())
    assert {Path(name).parent.name for name in names} == {"apache_airflow-2.11.2.dist-info"}
    assert (about["Name"], about["Version"]) == ("apache-airflow", "2.11.2")
    assert set(about.get_all("Requires-Dist", [])) == set(distribution.TAKEN_FOR_GRANTED)


def test_nothing_is_installed_beside_a_real_airflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The two would fight for the same names."""
    folder = tmp_path / "apache_airflow-2.9.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: apache-airflow\nVersion: 2.9.0\n"
    )
    (folder / "RECORD").write_text("apache_airflow-2.9.0.dist-info/METADATA,,\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InstallError, match=r"the real Airflow 2\.9\.0 is installed"):
        installation.add(["x"], "2.11.2")


def test_programs_find_the_version_of_the_package_airflow(tmp_path: Path) -> None:
    """By `importlib.metadata`, and only where flowctl answers Airflow's names."""
    code = """
import importlib.metadata as metadata
import airflow
print(metadata.version("apache-airflow"), metadata.version("apache_airflow"), airflow.__version__)
print("apache-airflow" in {found.metadata["Name"] for found in metadata.distributions()})
"""
    assert run(code, folder=tmp_path).splitlines() == ["2.11.2 2.11.2 2.11.2", "False"]
