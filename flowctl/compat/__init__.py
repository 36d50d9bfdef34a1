"""Airflow's import names: one table, one finder, and nothing of Airflow.

`install()` puts one finder at the front of `sys.meta_path`. From then on the process owns `airflow`
and everything below it. There is no `airflow` folder on disk that could clash with a real Airflow
in the same environment: the modules are made when they are imported, and each name in them is
looked up in the table of `flowctl.compat.names` when it is first used. Importing `airflow.models`
therefore costs nothing; taking `DAG` out of it imports `flowctl.authoring.dag`, which is also what
`airflow.DAG` and `airflow.sdk.DAG` are. The spellings of 1.10, 2.x and 3.x stand side by side and
mean the same objects.

What holds:

- In a process that called `install()`, flowctl answers, even where Airflow itself is installed. The
  two are never mixed: `install()` refuses when the real one is already imported.
- `airflow.providers.*` belongs to the real provider packages. Only `airflow.providers.standard`,
  where Airflow 3 keeps Bash and Python, is answered here when that package is absent.
- A name that is not in the table is an ImportError that names it and the closest thing there is.
  `hasattr` and `getattr` with a default behave as for any module.
- A name in the table works. A name that could only be half true is left out.

Daemons and their children call `install()` before user code runs. A plain `python my_dag.py` gets
the names through `flowctl.compat.on_demand`, which a `.pth` file in the wheel puts in place.
"""

from flowctl.compat.finder import install
from flowctl.compat.names import known_names

__all__ = ["install", "known_names"]
