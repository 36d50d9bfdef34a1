"""Read the example files of an unpacked Airflow wheel, and say where flowctl's graphs differ.

By hand, as those files are Airflow's and not kept here; `generate.py` makes the facts:

    python-with-airflow tests/oracle/generate.py WHEEL/airflow/example_dags > facts.json
    python -m tests.oracle.compare_examples facts.json WHEEL/airflow/example_dags

Modules of the wheel that examples import (`airflow.example_dags.plugins`) are found in it; nothing
else of the wheel is.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.oracle.test_oracle import HERE, ROOT, differences, filled

SLOW_S = 300


def wheel_of(folder: Path) -> Path:
    """Return where modules that examples import are looked for: the wheel that they are from."""
    if "providers" in folder.parts:
        return folder  # in the wheel half a provider package would be found
    return Path(*folder.parts[: folder.parts.index("airflow")])


def facts_of(file: Path) -> dict[str, Any]:
    """Return the facts that `generate.py` wrote, by file."""
    return filled(json.loads(file.read_text()))


def answers(files: list[Path], wheel: Path) -> dict[str, Any]:
    """Return what flowctl says of each file."""
    done = subprocess.run(
        [sys.executable, str(HERE / "facts.py"), *map(str, files)],
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{wheel}"},
        capture_output=True,
        text=True,
        timeout=SLOW_S,
        check=False,
    )
    if done.returncode:
        sys.exit(done.stderr)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def verdicts(expected: dict[str, Any], said: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each file, and one for each difference below it."""
    for name, answer in sorted(said.items()):
        if "error" in answer:
            yield f"{name}: not read: {answer['error'].splitlines()[0]}"
        elif name not in expected:
            yield f"{name}: read, without facts to compare"
        else:
            different = list(differences(expected[name], answer["dags"]))
            yield f"{name}: {'different' if different else 'the same'}"
            yield from (f"    {line}" for line in different)


def main(facts: Path, folder: Path) -> None:
    """Compare all files of a folder; the last line counts."""
    said = answers(sorted(folder.glob("[!_]*.py")), wheel_of(folder))
    lines = list(verdicts(facts_of(facts), said))
    sys.stdout.write("\n".join(lines))
    same = sum(line.endswith(": the same") for line in lines)
    sys.stdout.write(f"\n{same} of {len(said)} files are the same\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]).resolve())
