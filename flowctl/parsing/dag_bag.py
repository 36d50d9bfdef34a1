"""All DAGs of a folder in this process: what people's own tests ask for. (`airflow.models.DagBag`)

The daemons never use it: they run each file in a child of its own. Here a file that hangs or exits
does so to whoever asked.
"""

import traceback
from pathlib import Path
from typing import Any

from flowctl import config
from flowctl.authoring.dag import DAG
from flowctl.authoring.dag_files import examples_folder
from flowctl.authoring.loading import LoadError, in_words, load_file
from flowctl.parsing.convert import dag_spec
from flowctl.parsing.discovery import Discovery, Root


class DagBag:
    """The DAGs of a file or a folder, by their id, and what is wrong with the others."""

    def __init__(
        self,
        dag_folder: str | Path | None = None,
        include_examples: bool | None = None,
        safe_mode: bool | None = None,
        read_dags_from_db: bool = False,  # noqa: ARG002 - files are where the DAGs are
        collect_dags: bool = True,
        **_: Any,
    ) -> None:
        """Read them.

        Args:
            dag_folder: a folder or a file; None is the DAG folder of the configuration.
            include_examples: take flowctl's own examples, too; None asks the configuration.
            safe_mode: read only files that look as if they held DAGs; None does so.
            read_dags_from_db: changes nothing.
            collect_dags: False leaves the bag empty, for `process_file`.
        """
        self._options = config.load()
        own = self._options.path("core", "dags_folder")
        self.dag_folder = str(dag_folder or own)
        self.safe_mode = safe_mode is not False
        self.dags: dict[str, DAG] = {}
        self.import_errors: dict[str, str] = {}
        if collect_dags:
            self.collect_dags(include_examples=include_examples)

    @property
    def dag_ids(self) -> list[str]:
        """Return the ids of the DAGs."""
        return list(self.dags)

    def size(self) -> int:
        """Return how many DAGs there are."""
        return len(self.dags)

    def get_dag(self, dag_id: str, session: Any = None) -> DAG | None:  # noqa: ARG002 - Airflow's signature
        """Return one DAG, None when there is none with this id."""
        return self.dags.get(dag_id)

    def collect_dags(
        self,
        dag_folder: str | Path | None = None,
        include_examples: bool | None = None,
        **_: Any,
    ) -> None:
        """Read all files of a folder, or one file."""
        place = Path(dag_folder or self.dag_folder)
        if include_examples is None:
            include_examples = self._options.flag("core", "load_examples")
        if not place.is_dir():
            self.process_file(str(place))
        roots = [place] if place.is_dir() else []
        roots += [examples_folder()] if include_examples else []
        for found in Discovery(tuple(map(Root, roots)), self.safe_mode).sweep().files.values():
            self._read(Path(found.path), found.root.folder)

    def process_file(
        self,
        filepath: str,
        only_if_updated: bool = True,  # noqa: ARG002 - Airflow's signature
        safe_mode: bool = True,  # noqa: ARG002 - Airflow's signature
    ) -> list[DAG]:
        """Read one file, and return its DAGs."""
        return self._read(Path(filepath), Path(filepath).parent)

    def bag_dag(self, dag: DAG, root_dag: Any = None) -> None:  # noqa: ARG002 - Airflow's signature
        """Put a DAG into the bag.

        Raises:
            FlowctlError: it makes no sense, for example because of a cycle.
        """
        dag_spec(dag, dag.fileloc or "")
        self.dags[dag.dag_id] = dag

    def _read(self, path: Path, root: Path) -> list[DAG]:
        self.import_errors.pop(str(path), None)
        try:
            found = load_file(path, root=root, safe_mode=self.safe_mode).found
            for dag in found:
                self.bag_dag(dag)
            return list(found)
        except LoadError as error:
            self.import_errors[str(path)] = _trace(error.__cause__ or error)
        except Exception as error:  # what is wrong with a DAG
            self.import_errors[str(path)] = in_words(error)
        return []


def _trace(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))
