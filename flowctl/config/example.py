"""The text of airflow.cfg: the example in the repository, and the file that is written first.

Every setting is commented out, so that defaults may become better with a new version; only the keys
that are made for this installation are not.
"""

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from flowctl.config.options import SECTIONS, in_section
from flowctl.config.row import Option
from flowctl.config.sources import GENERATED
from flowctl.late import Late

if TYPE_CHECKING:
    import binascii
else:
    binascii = Late("binascii")

HEAD = """\
# The configuration of flowctl. What is commented out shows the default.
#
# Each setting can also be an environment variable: AIRFLOW__SECTION__KEY (or FLOWCTL__SECTION__KEY,
# which counts more). What is secret can also be the output of a command (key_cmd here, or
# AIRFLOW__SECTION__KEY_CMD). Write %% for a percent sign. {AIRFLOW_HOME} stands for the folder of
# this file; $VARIABLE and a leading ~ are replaced as well.
"""


def example_text() -> str:
    """Return the content of airflow.cfg.example."""
    return document({})


def first_text() -> str:
    """Return what is written on first use, with a new key."""
    return document({("core", "fernet_key"): new_key()})


def new_key() -> str:
    """Return 32 random bytes in the form of a Fernet key: base64 with `-` and `_`."""
    encoded = binascii.b2a_base64(os.urandom(32), newline=False)
    return encoded.translate(bytes.maketrans(b"+/", b"-_")).decode()


def document(values: Mapping[tuple[str, str], str]) -> str:
    """Return all sections; options in `values` are set, the others commented out."""
    parts = [HEAD]
    for section, about in SECTIONS.items():
        parts.append(f"\n# {about}\n[{section}]\n")
        parts += (paragraph(row, values) for row in in_section(section) if row.honoured)
        parts += without_effect([row for row in in_section(section) if not row.honoured])
    return "".join(parts)


def paragraph(row: Option, values: Mapping[tuple[str, str], str]) -> str:
    """Return one option with its description."""
    about = "".join(f"# {line}\n" for line in row.doc.splitlines())
    value = values.get((row.section, row.key))
    return f"\n{about}# Must be {row.kind.allowed}.\n{assignment(row, value)}\n"


def assignment(row: Option, value: str | None) -> str:
    """Return `key = value`, commented out when `value` is None."""
    if value is not None:
        return f"{row.key} = {escaped(value)}"
    default = "" if row.kind.default in GENERATED else row.kind.default or ""
    return f"# {row.key} = {escaped(default)}".rstrip()


def escaped(value: str) -> str:
    """Write a value so that reading the file gives it back."""
    return value.replace("%", "%%").replace("\n", "\n    ")


def without_effect(rows: list[Option]) -> Iterator[str]:
    """Yield the lines on options of Airflow that change nothing here, grouped by the reason."""
    for reason in dict.fromkeys(row.no_effect for row in rows):
        yield f"\n# Without effect: {reason}.\n"
        for row in rows:
            if row.no_effect == reason:
                yield f"{assignment(row, None)}\n"
