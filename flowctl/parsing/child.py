"""What happens in the disposable child that parses one DAG file?

It is a fork of the zygote. It gives itself a session, a null stdin and limits, runs the file, and
writes one `Report` into a file in memory that it got for that. It believes nothing about the code
it runs: whatever happens, the process that waits for it learns what from its exit.
"""

import faulthandler
import fcntl
import gc
import io
import os
import resource
import signal
import socket
import sys
import traceback
import warnings as python_warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TextIO

from flowctl.authoring import listeners, loading, plugins, ports
from flowctl.authoring.dag import DAG
from flowctl.core import spec as specs
from flowctl.errors import FlowctlError
from flowctl.parsing import foresight, kernel
from flowctl.parsing.convert import dag_spec
from flowctl.parsing.dependencies import Reads
from flowctl.parsing.messages import Answers, Asked, Job, Report, encode
from flowctl.parsing.questions import AskingPorts

OWN_CODE = f"{Path(loading.__file__).parents[1]}/"  # its frames tell a user nothing
OWN_FDS_FROM = 512  # far above what careless user code closes
ERROR_CHARACTERS_MAX = 32_000
SPEC_BYTES_MAX = 32 * 2**20  # about 100,000 tasks; more is a mistake in a loop
OOM_SCORE = "500"  # the kernel takes a parser child before any daemon


class Component(NamedTuple):
    """The daemon that listeners are told of."""

    job_type: str
    hostname: str


def main(job: Job, parent: int, result: int, questions: int, output: int) -> NoReturn:
    """Parse the file of `job` and end this process.

    Args:
        parent: process id of the zygote.
        result: descriptor of the file for the report.
        questions: descriptor of the socket to who knows variables and connections.
        output: descriptor for everything printed.
    """
    try:
        result, questions = _settle(parent, result, questions, output)
        _limit_memory(job.memory_bytes_max)
        asking = AskingPorts(socket.socket(fileno=questions))
        ports.use(asking)
        own_pid = os.getpid()
        report = _report(job, asking)
        if os.getpid() == own_pid:  # else the file forked, and this is not the child we know
            _write(result, encode(report))
        _flush()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        _flush()
    os._exit(70)


def _settle(parent: int, result: int, questions: int, output: int) -> tuple[int, int]:
    """Leave everything of the zygote behind; return the descriptors of the two that are kept."""
    os.setsid()
    kernel.die_with(parent)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    kept = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, OWN_FDS_FROM) for fd in (result, questions)]
    os.closerange(3, OWN_FDS_FROM)
    faulthandler.enable()
    sys.stdout, sys.stderr = _printer(1), _printer(2)
    _be_first_to_go()
    return kept[0], kept[1]


def _printer(fd: int) -> TextIO:
    """Return a stream that takes every text, and passes each line on before the next."""
    raw = io.FileIO(fd, "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw), "utf-8", errors="backslashreplace", line_buffering=True
    )


def _be_first_to_go() -> None:
    with suppress(OSError):  # a container may forbid it; the memory limit still holds
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE, encoding="ascii")


def _limit_memory(bytes_max: int) -> None:
    """Limit private memory; mapped files and reserved address space do not count.

    Only the soft limit: `_report` lifts it to have room for telling.
    """
    if bytes_max:
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (bytes_max, hard))


def _lift_memory_limit() -> None:
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
    gc.collect()


def _report(job: Job, asking: AskingPorts) -> Report:
    """Run the file and return what it holds, or why that is not known."""
    reads = Reads((job.root, *job.sys_path), job.path)
    path = Path(job.path)
    loading.extend_sys_path(Path(job.root), *map(Path, job.sys_path))
    loaded = answers = None
    try:
        plugins_folder = Path(job.plugins) if job.plugins else None
        if job.event:
            plugins.load(plugins_folder)
            listeners.tell(job.event, component=Component("SchedulerJob", os.uname().nodename))
            return Report()
        if job.is_plugin:
            return _report_plugin(job, path, asking, reads)
        with loading.limit(job.import_timeout_s, "loading the plugins"):
            plugins.load(plugins_folder)
        loaded = loading.load_file(
            path, root=Path(job.root), timeout_s=job.import_timeout_s, safe_mode=job.safe_mode
        )
        if job.asked is None:
            found, errors = _convert(job, loaded.found)
            errors += [_refused(job, dag, error) for dag, error in loaded.refused]
        else:
            found, (answers, errors) = (), _ask(job, job.asked, loaded.dags)
    except SystemExit as stop:
        found, errors = (), [_exit_in_words(stop)]
    except MemoryError:
        _lift_memory_limit()
        found, errors = (), [memory_in_words(job.memory_bytes_max)]
    except loading.LoadError as error:
        _lift_memory_limit()
        found, errors = (), [_load_error_in_words(job, error)]
    except OSError as error:
        found, errors = (), [_unreadable(path, error)]
    except BaseException as error:
        found, errors = (), [_with_traceback(job, type(error).__name__, error)]
    _tell_listeners(job, errors)
    return Report(
        specs=found,
        source=loaded.source if loaded else b"",
        error=_clean("\n\n".join(errors)[:ERROR_CHARACTERS_MAX]) or None,
        warnings=tuple(map(_clean, loaded.warnings[:20])) if loaded else (),
        depends=reads.paths(),
        is_dynamic=asking.was_asked,
        answers=answers,
    )


def _tell_listeners(job: Job, errors: list[str]) -> None:
    """Tell of a file that cannot be imported; the first time, and each time it still cannot."""
    if errors and job.asked is None:
        event = "existing" if job.had_error else "new"
        told = {"filename": job.path, "stacktrace": "\n\n".join(errors)}
        listeners.tell(f"on_{event}_dag_import_error", **told)


def _report_plugin(job: Job, path: Path, asking: AskingPorts, reads: Reads) -> Report:
    """Return whether a file of the plugins folder can be loaded; it defines no DAGs."""
    error: str | None = None
    with python_warnings.catch_warnings(record=True) as caught:
        python_warnings.simplefilter("default")
        try:
            with loading.limit(job.import_timeout_s, "import", loading.BY_SETTING):
                plugins.load_file(path, Path(job.plugins))
        except (Exception, loading.ImportTimeout) as raised:
            headline = f"the plugin cannot be loaded: {loading.in_words(raised)}"
            error = _clean(_with_traceback(job, headline, raised)[:ERROR_CHARACTERS_MAX])
    return Report(
        error=error,
        warnings=tuple(_clean(loading.warning_in_words(one)) for one in caught[:20]),
        depends=reads.paths(),
        is_dynamic=asking.was_asked,
    )


def _ask(job: Job, asked: Asked, dags: Mapping[str, DAG]) -> tuple[Answers | None, list[str]]:
    """Return what the timetable of a DAG answers, or what is wrong with it."""
    if asked.dag_id not in dags:
        return None, [f"the file does not define the DAG {asked.dag_id!r} any more"]
    try:
        with loading.limit(foresight.PATIENCE_S, "the answer of the timetable"):
            return foresight.answers(dags[asked.dag_id], asked), []
    except (Exception, loading.ImportTimeout) as error:
        return None, [_with_traceback(job, loading.in_words(error), error)]


def _convert(job: Job, dags: tuple[DAG, ...]) -> tuple[tuple[specs.DagSpec, ...], list[str]]:
    """Return the specs of the DAGs that make sense, and what is wrong with the others."""
    found: dict[str, specs.DagSpec] = {}
    lines: dict[str, int] = {}
    errors = []
    for dag in dags:
        try:
            spec = dag_spec(dag, _file_of(job, dag))
            if spec.dag_id in found:
                both = sorted((lines[spec.dag_id], dag.line))
                raise loading.LoadError(
                    "two DAGs of this file have this id, made in the lines"
                    f" {both[0]} and {both[1]}; rename one of them"
                )
            size_bytes = len(specs.encode(spec))
            if size_bytes > SPEC_BYTES_MAX:
                raise loading.LoadError(
                    f"its {len(spec.tasks):,} tasks need {size_bytes:,} bytes;"
                    f" a DAG may have {SPEC_BYTES_MAX:,}"
                )
            found[spec.dag_id], lines[spec.dag_id] = spec, dag.line
        except Exception as error:
            said = f"DAG {dag.dag_id!r}: {loading.in_words(error)}"
            errors.append(_with_traceback(job, _at(job, said, error, dag.line), error))
    return tuple(found.values()), errors


def _refused(job: Job, dag: DAG, error: Exception) -> str:
    return _with_traceback(job, f"DAG {dag.dag_id!r}: {loading.in_words(error)}", error)


def _file_of(job: Job, dag: DAG) -> str:
    """Return the file of one DAG: that of the job, or the module within its archive."""
    module = Path(dag.fileloc).name if dag.fileloc else ""
    is_member = dag.fileloc == f"{job.path}/{module}"
    return f"{job.label}/{module}" if is_member else job.label


def _load_error_in_words(job: Job, error: loading.LoadError) -> str:
    if isinstance(error.__cause__, MemoryError):
        return memory_in_words(job.memory_bytes_max)
    return _with_traceback(job, _at(job, str(error), error.__cause__), error.__cause__)


def _with_traceback(job: Job, headline: str, error: BaseException | None) -> str:
    """Return the headline, and the innermost lines of user code when the options want them."""
    if error is None or not job.with_traceback:
        return headline
    told = traceback.TracebackException.from_exception(error)
    every = [line for line in told.stack if "<frozen" not in line.filename]
    lines = [line for line in every if not line.filename.startswith(OWN_CODE)]
    if not lines and not isinstance(error, FlowctlError):
        lines = every  # a mistake of our own, perhaps
    told.stack = traceback.StackSummary.from_list(lines[-job.traceback_depth :])
    if not lines and not isinstance(error, SyntaxError):
        return headline
    return f"{headline}\n\n{''.join(told.format(chain=False)).rstrip()}"


def _at(job: Job, headline: str, error: BaseException | None, line: int = 0) -> str:
    """Return the headline with the line of the DAG file that it is about, where that is known.

    Where a class of the file makes a task, the line is that of the call, not one in the class.
    """
    frames = traceback.extract_tb(error.__traceback__) if error is not None else ()
    inside = [frame for frame in frames if f"{frame.filename}/".startswith(f"{job.path}/")]
    inside = [frame for frame in inside if frame.name != "__init__"] or inside
    number = (inside[-1].lineno if inside else 0) or line
    if not number or isinstance(error, SyntaxError):  # that names its line itself
        return headline
    name = inside[-1].filename if inside else job.path
    return f"{headline} ({Path(name).name}, line {number})"


def memory_in_words(bytes_max: int) -> str:
    """Say that the memory limit was hit."""
    return (
        f"used more than {bytes_max / 2**30:g} GiB of memory ([scheduler] parsing_memory_limit_mb)"
        if bytes_max
        else "ran out of memory"
    )


def _exit_in_words(stop: SystemExit) -> str:
    if stop.code is None or isinstance(stop.code, int):
        return f"exited with status {stop.code or 0} by calling sys.exit"
    return f"exited with status 1 by calling sys.exit: {stop.code}"


def _unreadable(path: Path, error: OSError) -> str:
    if path.is_symlink() and not path.exists():
        return f"the file is a symbolic link to {os.readlink(path)}, which does not exist"
    return f"the file cannot be read: {error.strerror or error}"


def _clean(text: str) -> str:
    """Return text that every database and terminal takes."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\0")


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _flush() -> None:
    streams: list[Any] = [sys.stdout, sys.stderr]
    for stream in streams:
        flush: Callable[[], object] | None = getattr(stream, "flush", None)
        try:
            if flush is not None:
                flush()
        except Exception:  # whatever user code put there
            continue
