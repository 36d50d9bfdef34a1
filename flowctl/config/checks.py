"""What should people know about their settings, although flowctl can work with them?

Older names, names that nobody knows, options without effect, two variables that disagree. Each
remark is one line and comes once. Values of sensitive options are in none of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from flowctl.config.file import Entries
from flowctl.config.options import OLD_NAMES, OPTIONS, UNBUILT_SECTIONS, named
from flowctl.config.row import Option
from flowctl.config.sources import GENERATED, PREFIXES, WAYS, expand, find, variable
from flowctl.late import Late

if TYPE_CHECKING:
    import difflib
else:
    difflib = Late("difflib")

Name = tuple[str, str]
VARIABLES: dict[str, tuple[Name, str]] = {
    variable("", name, way): (name, way) for name in (*OPTIONS, *OLD_NAMES) for way in WAYS
}
"""Every known variable without its prefix, with the option's name and the way it is set."""


def touched(environ: Mapping[str, str], entries: Entries) -> list[Option]:
    """Return the options that somebody set, under whatever name."""
    names = [name for _, name, _ in uses(environ, entries)]
    rows = (row for name in names if (row := named(*name)))
    return list({(row.section, row.key): row for row in rows}.values())


def uses(
    environ: Mapping[str, str], entries: Entries, file: Path | None = None
) -> Iterator[tuple[str, Name, str]]:
    """Yield (where, name, way) for everything that is set, known or not."""
    for prefix in PREFIXES:
        for variable_name in environ:
            if variable_name.startswith(prefix) and "__" in variable_name[len(prefix) :]:
                yield variable_name, *split_variable(variable_name[len(prefix) :])
    for (section, key), entry in entries.items():
        if section != "default":
            yield f"{file} line {entry.line}", *split_key(section, key)


def split_variable(rest: str) -> tuple[Name, str]:
    if rest in VARIABLES:
        return VARIABLES[rest]
    section, _, key = rest.lower().partition("__")
    return (section, key), ""


def split_key(section: str, key: str) -> tuple[Name, str]:
    for way in WAYS:
        name = (section, key.removesuffix(way) if way else key)
        if key.endswith(way) and named(*name):
            return name, way
    return (section, key), ""


def remarks(environ: Mapping[str, str], entries: Entries, file: Path, home: Path) -> list[str]:
    """Return one line for each thing that people should know."""
    said: list[str] = []
    unbuilt: set[str] = set()
    for where, name, way in uses(environ, entries, file):
        row = named(*name)
        if row is not None:
            said += about_use(row, where, name, way)
        elif name[0] not in UNBUILT_SECTIONS:
            said.append(f"{where}: flowctl knows no option [{name[0]}] {name[1]}{nearest(name)}")
        elif name[0] not in unbuilt:
            unbuilt.add(name[0])
            said.append(f"{where}: [{name[0]}] has no effect: {UNBUILT_SECTIONS[name[0]]}")
    for row in touched(environ, entries):
        said += about_value(row, environ, entries, file, home)
    return [*said, *disagreements(environ)]


def about_use(row: Option, where: str, name: Name, way: str) -> Iterator[str]:
    """Say what is odd about how an option is named."""
    if way and not row.sensitive:
        yield f"{where} has no effect: {row.name} is no secret and is never read from elsewhere"
    elif name != (row.section, row.key):
        yield f"{where}: [{name[0]}] {name[1]} is an older name of {row.name}"


def about_value(
    row: Option, environ: Mapping[str, str], entries: Entries, file: Path, home: Path
) -> Iterator[str]:
    """Say when an option is changed that flowctl does not act on."""
    found = find(row, environ, entries, file)
    if row.honoured or found.is_default or row.kind.default in GENERATED:
        return
    if found.way or expand(found.text or "", environ, home) != expand(
        row.kind.default or "", environ, home
    ):
        yield f"{found.source}: {row.name} has no effect: {row.no_effect}"


def disagreements(environ: Mapping[str, str]) -> Iterable[str]:
    """Say which of two variables wins that set the same option to different values."""
    ours, theirs = PREFIXES
    for name in environ:
        other = theirs + name.removeprefix(ours)
        if name.startswith(ours) and other in environ and environ[name] != environ[other]:
            yield f"{name} and {other} differ; {name} counts"


def nearest(name: Name) -> str:
    """Return `; the nearest is ...` for a name that nobody knows, or nothing if none is near."""
    known = {" ".join(each): each for each in OPTIONS}
    same_section = {key: each for _, key in OPTIONS if (each := (name[0], key)) in OPTIONS}
    if close := difflib.get_close_matches(name[1], same_section, n=1):
        return f"; the nearest is [{name[0]}] {close[0]}"
    if close := difflib.get_close_matches(" ".join(name), known, n=1):
        section, key = known[close[0]]
        return f"; the nearest is [{section}] {key}"
    return ""
