"""XComs that are too big for the metastore, as files of an object storage.

What Airflow has in the provider package common.io, by the same name and options; an installed
package of that name goes first.
"""

from typing import Any

from flowctl.authoring import serialization
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.xcom import BaseXCom
from flowctl.compat.configuration import conf
from flowctl.compat.object_storage import ObjectStoragePath


class XComObjectStorageBackend(BaseXCom):
    """Keeps big XComs as files; the metastore has their path."""

    @staticmethod
    def serialize_value(value: Any, **owner: Any) -> str:
        """Return what the metastore keeps: the value, or where it lies."""
        text = BaseXCom.serialize_value(value)
        limit_bytes = conf.getint("common.io", "xcom_objectstorage_threshold")
        if limit_bytes < 0 or len(text.encode()) < limit_bytes:
            return text
        path = _folder() / "/".join(
            str(owner[name]) for name in ("dag_id", "run_id", "task_id", "map_index", "key")
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb", compression=_compression()) as file:
            file.write(text.encode())
        return serialization.dumps(str(path))

    @staticmethod
    def deserialize_value(result: Any) -> Any:
        """Return the value, from where it lies."""
        value = BaseXCom.deserialize_value(result)
        if not isinstance(value, str) or not value.startswith(f"{_folder()}/"):
            return value
        with ObjectStoragePath(value).open("rb", compression=_compression()) as file:
            return serialization.loads(file.read())

    @staticmethod
    def purge(xcom: Any, *_: Any) -> None:
        """Remove the file of an XCom."""
        value = BaseXCom.deserialize_value(xcom)
        if isinstance(value, str) and value.startswith(f"{_folder()}/"):
            ObjectStoragePath(value).unlink(missing_ok=True)


def _folder() -> ObjectStoragePath:
    path = conf.get("common.io", "xcom_objectstorage_path", fallback="")
    if not path:
        raise AirflowException(
            "[common.io] xcom_objectstorage_path is not set: it says where big XComs lie"
        )
    return ObjectStoragePath(str(path).rstrip("/"))


def _compression() -> str | None:
    return conf.get("common.io", "xcom_objectstorage_compression", fallback="") or None
