"""What is named by a `Late` is loaded when something of it is asked for, and not before."""

import datetime
import subprocess
import sys

from flowctl.late import Late, is_a


def printed(code: str) -> str:
    """Return what a fresh process prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True
    )
    return done.stdout.strip()


def test_a_late_module_is_loaded_by_its_first_use() -> None:
    """Naming it costs nothing."""
    code = """
import sys
from flowctl.late import Late
colours = Late("colorsys")
before = "colorsys" in sys.modules
print(before, colours.rgb_to_hsv(0, 0, 0)[2], "colorsys" in sys.modules)
"""
    assert printed(code) == "False 0 True"


def test_a_late_module_gives_what_the_module_has() -> None:
    """The very same objects."""
    assert Late("datetime").timedelta is datetime.timedelta


def test_an_instance_is_known_by_the_name_of_its_class() -> None:
    """Also one of a subclass."""
    assert is_a(True, "builtins.int")
    assert is_a(datetime.date.min, "datetime.date")
    assert not is_a("2024-01-01", "datetime.date")


def test_nothing_is_an_instance_of_what_is_not_loaded() -> None:
    """And asking does not load it."""
    code = """
import sys
from flowctl.late import is_a
print(is_a(1, "fractions.Fraction"), "fractions" in sys.modules)
"""
    assert printed(code) == "False False"
