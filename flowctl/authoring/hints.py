"""What did they mean, and where does it come from? The ends of sentences about mistakes."""

import importlib.util
import inspect
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flowctl.authoring.provider_names import how_to_install
from flowctl.late import Late

if TYPE_CHECKING:
    import difflib
else:
    difflib = Late("difflib")

DISTRIBUTIONS = {
    "Crypto": "pycryptodome",
    "MySQLdb": "mysqlclient",
    "OpenSSL": "pyOpenSSL",
    "PIL": "Pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "git": "GitPython",
    "github": "PyGithub",
    "jwt": "PyJWT",
    "ldap": "python-ldap",
    "psycopg2": "psycopg2-binary",
    "serial": "pyserial",
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "slack": "slackclient",
    "yaml": "PyYAML",
    "zmq": "pyzmq",
}
"""What pip calls the packages of modules that are called otherwise."""


def nearest(name: object, known: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" where something known is spelled nearly like `name`."""
    found = difflib.get_close_matches(str(name), list(map(str, known)), 1)
    return f"; did you mean {found[0]!r}?" if found else ""


def known_arguments(kind: type) -> set[str]:
    """Return the names of all arguments that the constructors of a class and its ancestors take."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {
        parameter.name
        for one in kind.__mro__
        if "__init__" in vars(one) and one is not object
        for parameter in list(inspect.signature(one.__init__).parameters.values())[1:]  # type: ignore[misc]  # it is only looked at
        if parameter.kind in kinds
    }


def unknown_arguments(where: str, kind: type, given: dict[str, Any]) -> str:
    """Return the sentence about arguments that a class does not take, with the nearest it does."""
    names = ", ".join(f"{name}={value!r}" for name, value in given.items())
    known = known_arguments(kind)
    hints = "".join(nearest(name, known) for name in given)
    return f"{where}: {called(kind)} does not know the arguments {names}{hints}"


def called(kind: type) -> str:
    """Return what an author calls a class: "@task" where a decorator makes its objects."""
    return str(getattr(kind, "custom_operator_name", kind.__name__))


def how_to_import(module: str) -> str:
    """Return the cure when a module is absent; an empty text where installing is none."""
    cure = how_to_install(module)
    top = module.partition(".")[0]
    if cure or not top or top in ("airflow", "flowctl") or top in sys.stdlib_module_names:
        return cure
    if top != module and _is_there(top):
        return f"{top} is installed, but has no {module}; is it the right version?"
    return (
        f"to install it: pip install {DISTRIBUTIONS.get(top, top)}; if it is a module of your own,"
        " put it into the DAG folder"
    )


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False
