"""What processes do about garbage: what lives since the start is none, the rest can wait."""

import gc

NEW_OBJECTS = 20_000
"""Between two looks for garbage. Python's 700 look again and again through the thousands of objects
that a large run, file or answer brings, while they come."""


def look_seldom() -> None:
    """Look for garbage seldom; a command whose start is all imports leaves hardly any."""
    gc.set_threshold(NEW_OBJECTS)


def settle() -> None:
    """Leave out what lives as long as the process does; called once all of that is there."""
    gc.collect()
    gc.freeze()
    look_seldom()
