"""The environment of a process in which one attempt follows another."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager


@contextmanager
def environment_kept(names: Collection[str] | None = None) -> Iterator[None]:
    """Give the environment back what it had under these names, or under all."""
    asked = os.environ if names is None else names
    before = {name: os.environ[name] for name in asked if name in os.environ}
    try:
        yield
    finally:
        for name in {*before, *os.environ} if names is None else names:
            if name in before:
                os.environ[name] = before[name]
            else:
                os.environ.pop(name, None)
