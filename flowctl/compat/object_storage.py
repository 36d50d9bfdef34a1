"""Paths into object storage. (`airflow.io`)

`ObjectStoragePath` is a path whose files may lie anywhere that fsspec knows. fsspec and what it
needs for a kind of storage are loaded when a file is touched: making paths needs neither. The
connection of a path gives its provider the credentials, as in Airflow.
"""

import posixpath
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.provider_names import how_to_install
from flowctl.authoring.providers import installed

_attached: dict[str, Any] = {}


def attach(
    protocol: str, conn_id: str | None = None, alias: str | None = None, fs: Any = None
) -> Any:
    """Let paths of a protocol use this file system of fsspec's; return it."""
    found = fs or get_fs(protocol, conn_id)
    _attached[alias or protocol] = found
    return found


def has_fs(scheme: str) -> bool:
    """Say whether files of this protocol can be reached here."""
    try:
        get_fs(scheme)
    except AirflowException:
        return False
    return True


def get_fs(
    scheme: str, conn_id: str | None = None, storage_options: Mapping[str, Any] | None = None
) -> Any:
    """Return the file system for a protocol.

    Raises:
        AirflowException: nothing that is installed knows the protocol.
    """
    if scheme in _attached:
        return _attached[scheme]
    for provider in installed():
        for path in provider.about.get("filesystems", ()):
            module = import_module(path)
            if scheme in module.schemes:
                return module.get_fs(conn_id, dict(storage_options or {}))
    try:
        fsspec = import_module("fsspec")
        return fsspec.filesystem(scheme, **(storage_options or {}))
    except (ImportError, ValueError) as error:
        raise AirflowException(
            f"files of {scheme}:// cannot be reached: {error};"
            f" {how_to_install('airflow.providers.common.io')}, and the provider of that storage"
        ) from error


class ObjectStoragePath:
    """One path, as in `ObjectStoragePath("s3://conn@bucket/key")`. All of it is plain text."""

    def __init__(self, *parts: Any, conn_id: str | None = None, **options: Any) -> None:
        first = parts[0] if parts else ""
        self.storage_options = {**getattr(first, "storage_options", {}), **options}
        scheme, _, rest = str(first).rpartition("://")
        login, at, place = rest.partition("@")
        is_login = at and "/" not in login
        self.protocol = scheme or "file"
        self.conn_id = conn_id or getattr(first, "conn_id", None) or (login if is_login else None)
        self.path = posixpath.join(place if is_login else rest, *map(str, parts[1:]))

    # What it is called

    @property
    def bucket(self) -> str:
        """Return the first part of the path."""
        return urlsplit(f"//{self.path.lstrip('/')}").netloc if self.protocol != "file" else ""

    container = bucket

    @property
    def key(self) -> str:
        """Return the path within the bucket."""
        return self.path.removeprefix(self.bucket).lstrip("/") if self.bucket else self.path

    @property
    def namespace(self) -> str:
        """Return protocol and bucket."""
        return f"{self.protocol}://{self.bucket}" if self.bucket else self.protocol

    @property
    def name(self) -> str:
        """Return the last part."""
        return posixpath.basename(self.path.rstrip("/"))

    @property
    def suffix(self) -> str:
        """Return the ending of the name, with its dot."""
        return posixpath.splitext(self.name)[1]

    @property
    def stem(self) -> str:
        """Return the name without its ending."""
        return posixpath.splitext(self.name)[0]

    @property
    def parent(self) -> "ObjectStoragePath":
        """Return the path above this one."""
        return self._at(posixpath.dirname(self.path.rstrip("/")))

    def as_uri(self) -> str:
        """Return the path as a URI, with its connection."""
        return str(self)

    def joinpath(self, *parts: Any) -> "ObjectStoragePath":
        """Return a path below this one."""
        return self._at(posixpath.join(self.path, *map(str, parts)))

    __truediv__ = joinpath

    def with_name(self, name: str) -> "ObjectStoragePath":
        """Return the path beside this one."""
        return self.parent / name

    def relative_to(self, other: Any) -> str:
        """Return the path from another one on.

        Raises:
            ValueError: the other is not above this one.
        """
        above = ObjectStoragePath(other).path.rstrip("/") + "/"
        if not self.path.startswith(above):
            raise ValueError(f"{self} is not below {other}")
        return self.path.removeprefix(above)

    def __str__(self) -> str:
        login = f"{self.conn_id}@" if self.conn_id else ""
        return f"{self.protocol}://{login}{self.path}"

    def __repr__(self) -> str:
        return f"ObjectStoragePath({str(self)!r})"

    def __fspath__(self) -> str:
        return self.path if self.protocol == "file" else str(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ObjectStoragePath) and str(self) == str(other)

    def __lt__(self, other: "ObjectStoragePath") -> bool:
        return str(self) < str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def _at(self, path: str) -> "ObjectStoragePath":
        made = ObjectStoragePath(conn_id=self.conn_id, **self.storage_options)
        made.protocol, made.path = self.protocol, path
        return made

    # An XCom of it

    __version__ = 1

    def serialize(self) -> dict[str, Any]:
        """Return what an XCom keeps of it."""
        return {"path": self.path, "protocol": self.protocol, "conn_id": self.conn_id}

    @classmethod
    def deserialize(cls, data: Mapping[str, Any], version: int = 1) -> "ObjectStoragePath":  # noqa: ARG003 - part of the contract
        """Return what `serialize` had."""
        return cls(f"{data['protocol']}://{data['path']}", conn_id=data["conn_id"])

    # What lies there

    @property
    def fs(self) -> Any:
        """Return fsspec's file system."""
        return get_fs(self.protocol, self.conn_id, self.storage_options)

    def exists(self) -> bool:
        """Say whether something lies there."""
        return bool(self.fs.exists(self.path))

    def is_file(self) -> bool:
        """Say whether a file lies there."""
        return bool(self.fs.isfile(self.path))

    def is_dir(self) -> bool:
        """Say whether it is a folder."""
        return bool(self.fs.isdir(self.path))

    def stat(self) -> Any:
        """Return what the storage knows of it."""
        return self.fs.info(self.path)

    def open(self, mode: str = "r", **options: Any) -> Any:
        """Open the file."""
        return self.fs.open(self.path, mode=mode, **options)

    def read_bytes(self) -> bytes:
        """Return what is in the file."""
        return bytes(self.fs.cat_file(self.path))

    def read_text(self, encoding: str = "utf-8") -> str:
        """Return what is in the file, as text."""
        return self.read_bytes().decode(encoding)

    def write_bytes(self, data: bytes) -> int:
        """Replace the file; return how many bytes it has now."""
        self.fs.pipe_file(self.path, data)
        return len(data)

    def write_text(self, data: str, encoding: str = "utf-8") -> int:
        """Replace the file; return how many bytes it has now."""
        return self.write_bytes(data.encode(encoding))

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:  # noqa: ARG002 - pathlib's signature
        """Make the folder, where the storage has folders."""
        if parents or exist_ok:
            self.fs.makedirs(self.path, exist_ok=exist_ok)
        else:
            self.fs.mkdir(self.path, create_parents=False)

    def unlink(self, missing_ok: bool = False) -> None:
        """Remove the file."""
        if not missing_ok or self.exists():
            self.fs.rm_file(self.path)

    def rmdir(self, recursive: bool = True) -> None:
        """Remove the folder with what is in it."""
        self.fs.rm(self.path, recursive=recursive)

    def iterdir(self) -> Iterator["ObjectStoragePath"]:
        """Yield what is in the folder."""
        for entry in self.fs.ls(self.path, detail=False):
            yield self._at(str(entry))

    def glob(self, pattern: str) -> Iterator["ObjectStoragePath"]:
        """Yield what matches a pattern below here."""
        for entry in self.fs.glob(posixpath.join(self.path, pattern)):
            yield self._at(str(entry))

    def copy(self, target: Any, recursive: bool = False) -> None:
        """Copy to another path of the same storage, or of another one."""
        other = ObjectStoragePath(target)
        if other.protocol == self.protocol:
            self.fs.copy(self.path, other.path, recursive=recursive)
        else:
            other.write_bytes(self.read_bytes())

    def move(self, target: Any, recursive: bool = False) -> None:
        """Move to another path."""
        self.copy(target, recursive)
        self.fs.rm(self.path, recursive=recursive)
