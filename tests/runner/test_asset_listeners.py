"""Listeners hear which assets a task has updated, once its success is safe."""

from collections.abc import Iterator
from typing import Any

import pytest

from flowctl.authoring import plugins
from flowctl.authoring.assets import Asset, AssetAlias
from flowctl.authoring.dag import DAG
from flowctl.authoring.hook_functions import hookimpl
from flowctl.authoring.ports import InMemoryPorts
from flowctl.operators.python import PythonOperator
from flowctl.runner.execute import execute
from flowctl.runner.site import Site
from tests.runner.fakes import order_for, ticking

PLAIN, ALIAS = Asset("plain"), AssetAlias("several")


class Listener:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    @hookimpl
    def on_dataset_changed(self, dataset: Asset) -> None:
        self.heard.append(("2.x", dataset.name))

    @hookimpl
    def on_asset_changed(self, asset: Asset) -> None:
        self.heard.append(("3.x", asset.name))

    @hookimpl
    def on_asset_event_emitted(self, asset_event: Any) -> None:
        aliases = [alias.name for alias in asset_event.source_aliases]
        self.heard.append((asset_event.source_task_id, asset_event.extra, aliases))

    @hookimpl
    def on_asset_created(self, asset: Asset) -> None:
        """Wait for what never comes."""


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Give a listener that a plugin brings."""
    plugin = plugins.AirflowPlugin()
    listener = Listener()
    plugin.listeners = [listener]  # type: ignore[misc]
    plugins.current.loaded.append(plugin)
    yield listener
    plugins.current.loaded.remove(plugin)


def run(function: Any) -> None:
    """Run a task with outlets, to its very end."""
    with DAG("sales", schedule=None) as dag:
        task = PythonOperator(task_id="load", python_callable=function, outlets=[PLAIN, ALIAS])
    done = execute(order_for(task), dag, ports=InMemoryPorts(), now=ticking(), site=Site())
    done.finish()


def test_they_hear_of_assets_and_of_those_behind_aliases(listener: Listener) -> None:
    def load(outlet_events: Any) -> None:
        outlet_events[ALIAS].add(Asset("found"), extra={"rows": 3})

    run(load)

    assert listener.heard == [
        *(("2.x", "plain"), ("3.x", "plain"), ("load", {}, [])),
        *(("2.x", "found"), ("3.x", "found"), ("load", {"rows": 3}, ["several"])),
    ]


def test_a_task_that_fails_updates_nothing(listener: Listener) -> None:
    run(lambda: 1 / 0)
    assert listener.heard == []


@pytest.mark.usefixtures("listener")
def test_what_they_never_hear_is_said() -> None:
    assert plugins.unused_parts(plugins.current.loaded[-1]) == ["on_asset_created"]
