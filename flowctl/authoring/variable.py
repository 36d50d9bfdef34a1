"""Named texts that a site keeps outside its DAG files.

`flowctl.authoring.secrets` knows where they may be.
"""

import json
from typing import Any

from flowctl.authoring import ports, secrets
from flowctl.authoring.masking import mask_secret

_UNSET = object()


class Variable:
    """Airflow's Variable: all of it is asked of the class, there are no instances."""

    @staticmethod
    def get(key: str, default_var: Any = _UNSET, deserialize_json: bool = False) -> Any:
        """Return the text of a variable.

        Args:
            key: its name.
            default_var: what to return if there is none.
            deserialize_json: return what its JSON says instead.

        Raises:
            KeyError: there is none, and no default was given.
        """
        text = stored(key)
        if text is None:
            if default_var is _UNSET:
                raise KeyError(
                    f"Variable {key} does not exist; set it with: flowctl variables set {key}"
                    f" VALUE, or give it a default: Variable.get({key!r}, default_var=...)"
                )
            return default_var
        value = json.loads(text) if deserialize_json else text
        mask_secret(value, key)
        return value

    @staticmethod
    def set(
        key: str, value: Any, description: str | None = None, serialize_json: bool = False
    ) -> None:
        """Store a variable, as JSON or as `str(value)`, replacing an older one."""
        text = json.dumps(value, indent=2) if serialize_json else str(value)
        ports.current().set_variable(key, text, description)
        secrets.forget()

    @classmethod
    def update(cls, key: str, value: Any, serialize_json: bool = False) -> None:
        """Replace a variable that exists.

        Raises:
            KeyError: there is none.
        """
        cls.get(key)
        cls.set(key, value, serialize_json=serialize_json)

    @staticmethod
    def delete(key: str) -> int:
        """Delete a variable; return how many there were, 0 or 1."""
        was_there = ports.current().delete_variable(key)
        secrets.forget()
        return int(was_there)

    @classmethod
    def setdefault(
        cls,
        key: str,
        default: Any,
        description: str | None = None,
        deserialize_json: bool = False,
    ) -> Any:
        """Return a variable; store `default` first if there is none.

        Raises:
            ValueError: there is none, and `default` is None.
        """
        found = cls.get(key, default_var=None, deserialize_json=deserialize_json)
        if found is not None:
            return found
        if default is None:
            raise ValueError(f"variable {key!r} does not exist and has no default to store")
        cls.set(key, default, description, serialize_json=deserialize_json)
        return default


def stored(key: str) -> str | None:
    """Return the text of a variable, wherever it is kept; None if there is none."""
    return secrets.variable(key)
