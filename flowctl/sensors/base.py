"""What do all sensors have in common? When they look, how they wait, and when they give up."""

import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flowctl import clock
from flowctl.authoring.arguments import one_of
from flowctl.authoring.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTimeout,
    TaskDeferralError,
    TaskDeferralTimeout,
)
from flowctl.authoring.operator import BaseOperator
from flowctl.authoring.settings import defaults
from flowctl.sensors import pauses

SOFT = "soft_fail is set: skipped instead of failed"
NEVER = "never_fail is set: skipped instead of failed"
Sensor = TypeVar("Sensor", bound="type[BaseSensorOperator]")


class PokeReturnValue:
    """What `poke` may return instead of a truth value: whether it is so, and a result.

    Args:
        is_done: what the sensor waits for is so.
        xcom_value: the result of the task then.
    """

    def __init__(self, is_done: bool, xcom_value: Any = None) -> None:
        self.is_done = is_done
        self.xcom_value = xcom_value

    def __bool__(self) -> bool:
        return self.is_done


class BaseSensorOperator(BaseOperator):
    """Waits until `poke` of a subclass returns something true.

    Args:
        poke_interval: how long to wait between two looks, seconds or a timedelta.
        timeout: the longest to wait in all, likewise; None for `[sensors] default_timeout`. In
            `reschedule` mode it counts from the first look of the first try, and goes on through
            retries; in `poke` mode each try has it anew.
        soft_fail: after that time, and when `poke` says that it can never be so, the task is
            skipped instead of failed.
        mode: "poke" keeps process and slot between two looks, "reschedule" gives them back.
        exponential_backoff: double the pause after each look.
        max_wait: the longest pause then, seconds or a timedelta.
        silent_fail: an error in `poke` counts as "not yet".
        never_fail: whatever goes wrong, the task is skipped instead of failed.

    Raises:
        AirflowException: one of these makes no sense.
        ValueError: both `soft_fail` and `never_fail` are set.
    """

    ui_color = "#e6f1f2"
    valid_modes: Sequence[str] = ("poke", "reschedule")

    def __init__(
        self,
        *,
        poke_interval: timedelta | float = 60,
        timeout: timedelta | float | None = None,
        soft_fail: bool = False,
        mode: str = "poke",
        exponential_backoff: bool = False,
        max_wait: timedelta | float | None = None,
        silent_fail: bool = False,
        never_fail: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        where = f"task {self.task_id!r}" + (f" of DAG {self.dag_id!r}" if self.has_dag() else "")
        self.poke_interval = _seconds(where, "poke_interval", poke_interval)
        longest = defaults.sensor_timeout_s if timeout is None else timeout
        self.timeout = _seconds(where, "timeout", longest)
        self.soft_fail = soft_fail
        self.mode = one_of(where, "mode", mode, tuple(self.valid_modes))
        self.exponential_backoff = exponential_backoff
        self.max_wait = None if max_wait is None else _seconds(where, "max_wait", max_wait)
        self.silent_fail = silent_fail
        self.never_fail = never_fail
        if soft_fail and never_fail:
            raise ValueError(
                f"{where} has both soft_fail and never_fail; the second includes the first"
            )

    @property
    def reschedule(self) -> bool:
        """Say whether process and slot are given back between two looks."""
        return self.mode == "reschedule"

    def poke(self, context: Any) -> bool | PokeReturnValue:  # noqa: ARG002 - for subclasses
        """Say whether what the sensor waits for is so."""
        raise AirflowException(f"{type(self).__name__} does not define poke(self, context)")

    def execute(self, context: Any) -> Any:
        """Look until it is so; return the result of the last look.

        Raises:
            AirflowSensorTimeout: it took too long; there is no retry after that.
            AirflowSkipException: the same, where the task is to be skipped then.
            AirflowRescheduleException: look again later, in another process.
        """
        began: float | datetime = _first_look(context) if self.reschedule else time.monotonic()
        while not (found := self._look(context)):
            waited_s = _passed_s(began)
            if waited_s > self.timeout:
                self._give_up(waited_s)
            pause_s = self._pause_s(began, waited_s)
            if self.reschedule:
                raise AirflowRescheduleException(clock.utcnow() + timedelta(seconds=pause_s))
            threading.Event().wait(pause_s)
        self.log.info("It is so after %.1f s", _passed_s(began))
        return found.xcom_value if isinstance(found, PokeReturnValue) else None

    def resume_execution(
        self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any
    ) -> Any:
        """Go on after the triggerer looked; a timeout there is one of the sensor."""
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except (AirflowException, TaskDeferralError) as error:
            if not isinstance(error, AirflowSkipException):
                self._skip_instead(error)
            if isinstance(error, TaskDeferralTimeout):
                raise AirflowSensorTimeout(*error.args) from error
            raise

    def _look(self, context: Any) -> bool | PokeReturnValue:
        try:
            return self.poke(context)
        except AirflowSkipException:
            raise
        except (AirflowSensorTimeout, AirflowTaskTimeout, AirflowFailException) as error:
            self._skip_instead(error)
            raise
        except Exception as error:  # user code
            if self.silent_fail:
                self.log.exception("The look failed; silent_fail is set: looking again later")
                return False
            if self.never_fail:
                raise AirflowSkipException(NEVER) from error
            raise

    def _skip_instead(self, error: BaseException) -> None:
        if self.soft_fail or self.never_fail:
            raise AirflowSkipException(SOFT if self.soft_fail else NEVER) from error

    def _give_up(self, waited_s: float) -> None:
        message = f"it waited {waited_s:.1f} s, longer than its timeout, {self.timeout:g} s"
        if self.soft_fail:
            raise AirflowSkipException(message)
        raise AirflowSensorTimeout(message)

    def _pause_s(self, began: float | datetime, waited_s: float) -> float:
        if not self.exponential_backoff:
            return self.poke_interval
        series = pauses.doubling(self.poke_interval, f"{self.dag_id}#{self.task_id}#{began}")
        pause_s = min(pauses.after(series, waited_s), max(self.timeout - int(waited_s), 0.0))
        if self.max_wait is not None:
            pause_s = min(pause_s, self.max_wait)
        self.log.info("The next look comes in %g s", pause_s)
        return pause_s


def _first_look(context: Any) -> datetime:
    """Return when the first try began since the task was last cleared."""
    moment: datetime = context["ti"].get_first_reschedule_date(context) or clock.utcnow()
    return moment


def _passed_s(began: float | datetime) -> float:
    if isinstance(began, datetime):
        return (clock.utcnow() - began).total_seconds()
    return time.monotonic() - began


def _seconds(where: str, name: str, given: Any) -> float:
    seconds = given.total_seconds() if isinstance(given, timedelta) else given
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds >= 0:
        raise AirflowException(
            f"{name} of {where} is a number of seconds or a timedelta, not {given!r}"
        )
    return float(seconds)


def poke_mode_only(cls: Sensor) -> Sensor:
    """Let a class of sensors work in `poke` mode only: it keeps something from look to look.

    Raises:
        ValueError: it is no class of sensors.
    """
    if not issubclass(cls, BaseSensorOperator):
        raise ValueError(f"poke_mode_only is for subclasses of BaseSensorOperator, not {cls!r}")

    def mode(_self: Any) -> str:
        return "poke"

    def set_mode(self: Any, given: str) -> None:
        if given != "poke":
            raise ValueError(
                f"{cls.__name__} works in mode 'poke' only; task {self.task_id!r} has {given!r}"
            )

    cls.mode = property(mode, set_mode)  # type: ignore[assignment]  # that is the point
    return cls
