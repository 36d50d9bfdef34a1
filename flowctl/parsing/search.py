"""Where is this DAG? Its file is found and run in this very process; for test commands only.

A file that raises, exits or takes longer than [core] dagbag_import_timeout is passed over. What a
file does to the process itself (a crash, `os._exit`) happens to the command that asked for it.
"""

from collections.abc import Iterator
from pathlib import Path

from flowctl.authoring import dag_files, loading, plugins
from flowctl.authoring.dag import DAG
from flowctl.compat import defaults, install
from flowctl.errors import FlowctlError
from flowctl.parsing.discovery import Discovery, Root
from flowctl.parsing.options import Options


class DagNotFound(FlowctlError):
    """No file defines the DAG."""


def find_dag(
    options: Options, dag_id: str, *, place: Path | None = None, likely: str | None = None
) -> DAG:
    """Return a DAG as its file makes it.

    Args:
        place: a file, or a folder instead of the DAG folder.
        likely: the file, as in `DagSpec.file`, that defined it the last time.

    Raises:
        DagNotFound: no file defines it; the message names those that could not be read.
    """
    install()
    defaults.apply_own()
    for folder in options.sys_path:
        loading.extend_sys_path(Path(folder))
    plugins.load(options.plugins_folder)
    broken: list[str] = []
    for path, root in _files(options, dag_id, place, likely):
        try:
            dags = _load(options, path, root)
        except (loading.LoadError, OSError) as error:
            broken.append(f"{path}: {error}")
            continue
        if dag_id in dags:
            return dags[dag_id]
    where = place or options.dags_folder
    trouble = f"; these files cannot be read: {'; '.join(broken)}" if broken else ""
    raise DagNotFound(f"no file in {where} defines the DAG {dag_id!r}{trouble}")


def _load(options: Options, path: Path, root: Path) -> dict[str, DAG]:
    """Return the DAGs of a file by their id.

    Raises:
        LoadError: its code raised something, also `SystemExit`; Ctrl-C alone goes through.
        OSError: it cannot be read.
    """
    try:
        return loading.load_file(
            path, root=root, timeout_s=options.import_timeout_s, safe_mode=options.safe_mode
        ).dags
    except (Exception, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise loading.LoadError(loading.in_words(error)) from error


def _files(
    options: Options, dag_id: str, place: Path | None, likely: str | None
) -> Iterator[tuple[Path, Path]]:
    """Yield files with their folder: the likely one, those that name the DAG, then all others.

    None comes twice: a file that hangs costs its time once.
    """
    first: Path | None = None
    if place is not None and place.is_file():
        yield place.absolute(), place.absolute().parent
        return
    if place is None and likely is not None:
        first, root = dag_files.locate(likely, options.dags_folder)
        if dag_files.split(first)[0].exists():
            yield first, root
    files = _discovery(options, place).sweep().files.values()
    found = [each for each in files if not each.root.holds_plugins]
    named = {each.path: _names(Path(each.path), dag_id) for each in found}
    for each in sorted(found, key=lambda each: (not named[each.path], each.path)):
        if Path(each.path) != first:
            yield Path(each.path), each.root.folder


def _discovery(options: Options, place: Path | None) -> Discovery:
    if place is None:
        return options.discovery()
    return Discovery((Root(place.absolute()),), options.safe_mode, options.ignore_syntax)


def _names(path: Path, dag_id: str) -> bool:
    try:
        return dag_id.encode() in path.read_bytes()
    except OSError:
        return False
