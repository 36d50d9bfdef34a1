"""What may `schedule=` say of assets: a list, a condition, or either of them beside the clock."""

from typing import Any

from flowctl.authoring.assets import AssetAll, BaseAsset
from flowctl.authoring.exceptions import AirflowException


class AssetOrTimeSchedule:
    """A schedule: updates of assets make runs due, and so does the clock.

    Args:
        timetable: whatever else `schedule=` takes.
        assets: a list, or a condition. (2.x calls it `datasets`.)
    """

    def __init__(self, *, timetable: Any, assets: Any = None, datasets: Any = None) -> None:
        self.timetable = timetable
        condition = joined(datasets if assets is None else assets)
        if condition is None:
            raise AirflowException(f"{type(self).__name__}: {assets or datasets!r} are no assets")
        self.assets: BaseAsset = condition

    @property
    def asset_condition(self) -> BaseAsset:
        """Return the condition over assets."""
        return self.assets

    dataset_condition = asset_condition


class DatasetOrTimeSchedule(AssetOrTimeSchedule):
    """The same by its name in 2.x."""


def joined(given: Any) -> BaseAsset | None:
    """Return the condition that a schedule is; None when it is not one over assets."""
    if isinstance(given, BaseAsset):
        return given
    if not isinstance(given, list | tuple | set | frozenset):
        return None
    if not all(isinstance(one, BaseAsset) for one in given):
        return None
    return AssetAll(*given)
