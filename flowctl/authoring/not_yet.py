"""What is said about a feature of Airflow that flowctl will have but does not have yet."""

from typing import NoReturn

from flowctl.authoring.exceptions import AirflowException


class NotYetError(AirflowException):
    """The DAG file needs a feature that this version of flowctl lacks."""


def refuse(feature: str, instead: str = "") -> NoReturn:
    """Raise the sentence that names the feature.

    Args:
        feature: as in "dynamic task mapping (expand, partial, map)".
        instead: what works today, if anything does.

    Raises:
        NotYetError: always.
    """
    hint = f"; {instead}" if instead else ""
    raise NotYetError(f"this version of flowctl does not have {feature} yet{hint}")
