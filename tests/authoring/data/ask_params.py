"""Ask a real Airflow 2.10.5 for the answers to `param_cases`, and write them beside this file.

python-with-airflow tests/authoring/data/ask_params.py
"""

import json
import logging
import os
import sys
import tempfile
import warnings
from pathlib import Path

os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="airflow-oracle-")
os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "CRITICAL"
warnings.simplefilter("ignore")
sys.path.insert(0, str(Path(__file__).parent))

from airflow.models.param import Param, ParamsDict  # noqa: E402 - it reads its settings on import
from param_cases import DICTS, SCHEMAS, VALUES  # noqa: E402


def answer(expression: str) -> str:
    """Return the value of an expression as text, or the class of what it raises."""
    try:
        return repr(eval(expression, {"P": Param, "D": ParamsDict}))
    except Exception as error:
        return f"! {type(error).__name__}"


def main() -> None:
    """Write all answers."""
    logging.disable()
    found = {
        "airflow": "2.10.5",
        "values": {
            schema: "".join(
                "-" if answer(f"P({value}, {schema}).resolve()").startswith("!") else "+"
                for value in VALUES
            )
            for schema in SCHEMAS
        },
        "dicts": {expression: answer(expression) for expression in DICTS},
    }
    (Path(__file__).parent / "params.json").write_text(json.dumps(found, indent=1) + "\n")


main()
