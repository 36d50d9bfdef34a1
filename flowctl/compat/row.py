"""The record that each row of the table of names is."""

from typing import NamedTuple


class Row(NamedTuple):
    """`names` of our `module` are seen in each of `places`; both are separated by blanks."""

    module: str
    names: str
    places: str
