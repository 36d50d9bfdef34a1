"""What can be chosen about parsing, and what follows from it for one file."""

from dataclasses import dataclass
from pathlib import Path

from flowctl.authoring import dag_files
from flowctl.config import Config
from flowctl.core.parsed import PLUGINS
from flowctl.parsing.discovery import Discovery, Found, Root
from flowctl.parsing.messages import Asked, Job


@dataclass(frozen=True)
class Options:
    """The rows of the configuration that concern parsing, with their defaults."""

    dags_folder: Path
    plugins_folder: Path | None = None
    config_folder: Path | None = None
    log_folder: Path = Path("/tmp/flowctl-parser")
    load_examples: bool = False
    safe_mode: bool = True
    ignore_syntax: str = "regexp"
    processes: int = 2
    import_timeout_s: float = 30.0
    timeout_s: float = 50.0
    memory_bytes_max: int = 2 * 2**30
    with_traceback: bool = True
    traceback_depth: int = 2
    dynamic_every_s: float = 30.0

    @classmethod
    def from_config(cls, config: Config) -> "Options":
        """Return what the configuration says."""
        return cls(
            dags_folder=config.path("core", "dags_folder"),
            plugins_folder=config.path("core", "plugins_folder"),
            config_folder=config.home / "config",
            log_folder=config.path("scheduler", "child_process_log_directory"),
            load_examples=config.flag("core", "load_examples"),
            safe_mode=config.flag("core", "dag_discovery_safe_mode"),
            ignore_syntax=config.text("core", "dag_ignore_file_syntax"),
            processes=config.whole("scheduler", "parsing_processes"),
            import_timeout_s=config.number("core", "dagbag_import_timeout"),
            timeout_s=config.number("core", "dag_file_processor_timeout"),
            memory_bytes_max=config.whole("scheduler", "parsing_memory_limit_mb") * 2**20,
            with_traceback=config.flag("core", "dagbag_import_error_tracebacks"),
            traceback_depth=config.whole("core", "dagbag_import_error_traceback_depth"),
            dynamic_every_s=config.number("scheduler", "min_file_process_interval"),
        )

    @property
    def roots(self) -> tuple[Root, ...]:
        """Return the folders of DAG files, and that of plugins."""
        roots = [Root(self.dags_folder)]
        examples = dag_files.examples_folder()
        if self.load_examples and examples.resolve() != self.dags_folder.resolve():
            roots.append(Root(examples, dag_files.EXAMPLES))
        if self.plugins_folder is not None:
            roots.append(Root(self.plugins_folder, PLUGINS, holds_plugins=True))
        return tuple(roots)

    @property
    def sys_path(self) -> tuple[str, ...]:
        """Return the folders whose modules DAG files may import, beside their own."""
        return tuple(str(folder) for folder in (self.config_folder, self.plugins_folder) if folder)

    def discovery(self) -> Discovery:
        """Return what finds the files."""
        return Discovery(self.roots, self.safe_mode, self.ignore_syntax)

    def job(
        self, found: Found, number: int, asked: Asked | None = None, *, had_error: bool = False
    ) -> Job:
        """Return the order to parse one file, or to ask a timetable in it."""
        return Job(
            id=number,
            path=found.path,
            root=str(found.root.folder),
            label=found.label,
            log=str(self.log(found.label)),
            sys_path=self.sys_path,
            plugins=str(self.plugins_folder or ""),
            is_plugin=found.root.holds_plugins,
            safe_mode=self.safe_mode,
            import_timeout_s=self.import_timeout_s,
            timeout_s=self.timeout_s,
            memory_bytes_max=self.memory_bytes_max,
            with_traceback=self.with_traceback,
            traceback_depth=self.traceback_depth,
            asked=asked,
            had_error=had_error,
        )

    def announcement(self, number: int, event: str) -> Job:
        """Return the order to tell listeners of plugins what becomes of the scheduler."""
        folder = str(self.plugins_folder or "")
        return Job(
            id=number,
            path=folder,
            root=folder,
            label=event,
            log=str(self.log("plugins/listeners")),
            sys_path=self.sys_path,
            plugins=folder,
            event=event,
            timeout_s=self.timeout_s,
            memory_bytes_max=self.memory_bytes_max,
        )

    def log(self, label: str) -> Path:
        """Return where the output of one file goes."""
        return self.log_folder / "latest" / f"{label.replace('://', '/')}.log"
