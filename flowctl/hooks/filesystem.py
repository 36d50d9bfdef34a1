"""Where on this machine does a connection of type `fs` point to?"""

from typing import Any

from flowctl.authoring.exceptions import AirflowNotFoundException
from flowctl.hooks.base import BaseHook

ROOT = "/"  # where the connection `fs_default` points to that Airflow makes by itself


class FSHook(BaseHook):
    """A folder; connections name it as `path` in their extra.

    Raises:
        AirflowNotFoundException: there is no such connection; `fs_default` needs none.
    """

    conn_name_attr = "fs_conn_id"
    default_conn_name = "fs_default"
    conn_type = "fs"
    hook_name = "File (path)"

    def __init__(self, fs_conn_id: str = default_conn_name, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.basepath = ROOT
        try:
            self.conn = self.get_connection(fs_conn_id)
        except AirflowNotFoundException:
            if fs_conn_id != self.default_conn_name:
                raise
        else:
            self.basepath = str(self.conn.extra_dejson.get("path", ""))

    def get_conn(self) -> None:
        """Return nothing: a folder needs no connection."""

    def get_path(self) -> str:
        """Return the folder."""
        return self.basepath

    def test_connection(self) -> tuple[bool, str]:
        """Say whether the connection names a folder."""
        if not self.basepath:
            return False, "the connection has no `path` in its extra"
        return True, f"the folder is {self.basepath}"
