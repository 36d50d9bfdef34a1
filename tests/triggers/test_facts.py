"""Triggers and deferred tasks behave as under Airflow 2.10.5, which recorded `facts.json`."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from flowctl.compat import install

HERE = Path(__file__).parent
RECORDED = json.loads((HERE / "facts.json").read_text())


@pytest.fixture(scope="module")
def ours() -> Any:
    """Give the same facts under flowctl."""
    install()
    spec = importlib.util.spec_from_file_location("trigger_facts", HERE / "facts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.facts()


CASES = [(kind, name) for kind, found in RECORDED.items() for name in found]


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_it_is_as_under_airflow(ours: Any, kind: str, name: str) -> None:
    found, recorded = ours[kind][name], RECORDED[kind][name]
    if kind == "triggers" and isinstance(found[1], dict):
        found[1].pop("run_ids", None)  # of 3.x

    assert found == recorded
