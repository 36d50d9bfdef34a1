"""How is the URI of an asset written, so that two spellings of one place are one asset?

Source: what Airflow 2.10.5's Dataset and 3.3.2's Asset make of URIs, compared case by case
(`tests/authoring/asset_oracle.json`). What the path of a scheme means, its provider package knows:
it names a function under `asset-uris` (`dataset-uris` before 2025) of its entry point.
"""

import functools
import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from flowctl.late import Late

if TYPE_CHECKING:
    from importlib import metadata
else:
    metadata = Late("importlib.metadata")

GROUP = "apache_airflow_provider"
DECLARED_UNDER = ("asset-uris", "dataset-uris")

Normalizer = Callable[[SplitResult], SplitResult]


def normalized(uri: str, what: str, *, is_strict: bool) -> str:
    """Return the URI in its one spelling; a text without a scheme stands for itself.

    Args:
        uri: as the DAG file writes it.
        what: names the asset in errors.
        is_strict: as 3.x is: what the provider of the scheme does not take is an error, and a user
            name may stay where there is no password; 2.x warns, and drops it.

    Raises:
        ValueError: the scheme is reserved, or its provider does not take such a URI.
    """
    parts = urlsplit(uri)
    scheme = parts.scheme.lower()
    if not scheme or scheme.startswith("x-"):
        return uri
    if scheme == "airflow":
        raise ValueError(f"{what}: the scheme 'airflow' is reserved; choose another")
    parts = parts._replace(
        scheme=scheme,
        netloc=_without_login(parts, what, is_strict),
        path=parts.path.rstrip("/") or "/",
        query=urlencode(sorted(parse_qsl(parts.query))),
        fragment="",
    )
    return urlunsplit(_checked(parts, scheme, what, is_strict))


def _without_login(parts: SplitResult, what: str, is_strict: bool) -> str:
    _, found, bare = parts.netloc.rpartition("@")
    if not found or (is_strict and not parts.password):
        return parts.netloc
    warnings.warn(f"{what}: user and password are left out of the URI", stacklevel=5)
    return bare


def _checked(parts: SplitResult, scheme: str, what: str, is_strict: bool) -> SplitResult:
    """Let the provider of a scheme have its say."""
    normalizer = _normalizers().get(scheme)
    if normalizer is None:
        return parts
    try:
        return normalizer(parts)
    except ValueError as error:
        sentence = f"{what}: {urlunsplit(parts)!r} is no {scheme} URI: {error}"
        if is_strict:
            raise ValueError(sentence) from error
        warnings.warn(sentence, stacklevel=5)
        return parts


class _Declared:
    """A function that a provider package names; imported when a URI needs it."""

    def __init__(self, path: str | None) -> None:
        self._path = path

    def __call__(self, parts: SplitResult) -> SplitResult:
        if self._path is None:  # the provider takes any URI of this scheme
            return parts
        module, _, name = self._path.rpartition(".")
        function: Normalizer = getattr(import_module(module), name)
        return function(parts)


@functools.cache
def _normalizers() -> Mapping[str, Normalizer]:
    """Return what the installed providers declare, by scheme."""
    found: dict[str, Normalizer] = {}
    for entry in metadata.entry_points(group=GROUP):
        about: Mapping[str, Any] = entry.load()()
        for one in (one for key in DECLARED_UNDER for one in about.get(key) or ()):
            for scheme in one.get("schemes", ()):
                found.setdefault(scheme, _Declared(one.get("handler")))
    return found
