"""Options and arguments that several commands share."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from flowctl.cli.settings import settings
from flowctl.late import Late

if TYPE_CHECKING:
    import zoneinfo
else:
    zoneinfo = Late("zoneinfo")

F = TypeVar("F", bound=Callable[..., Any])


class Moment(click.ParamType):  # type: ignore[type-arg]  # generic only since click 8.3
    """A date, or a date with a time; without a zone it is in [core] default_timezone."""

    name = "date"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        """Return the moment, aware, in UTC."""
        found = value if isinstance(value, datetime) else moment(value)
        if found is None:
            self.fail(
                f"{value!r} is not a date; write 2024-03-01, or 2024-03-01T06:30:00+00:00",
                param,
                ctx,
            )
        return found


MOMENT = Moment()


def moment(text: str) -> datetime | None:
    """Return the moment that a text names, in UTC; None when it names none."""
    try:
        found = datetime.fromisoformat(text.strip().replace(" ", "+", text.count("T")))
    except ValueError:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=_zone())
    return found.astimezone(UTC)


def _zone() -> "zoneinfo.ZoneInfo | None":
    name = settings().text("core", "default_timezone")
    if name == "system":
        return None
    return zoneinfo.ZoneInfo("UTC" if name.lower() == "utc" else name)


def hold_terms(command: F) -> F:
    """Give a command the options --why and --until."""
    until = click.option("--until", type=MOMENT, help="When it is released by itself.")
    return click.option("--why", default="", help="What others should know.")(until(command))


def yes(command: F) -> F:
    """Give a command the option -y."""
    return click.option("-y", "--yes", is_flag=True, help="Do not ask.")(command)


def not_here(*names: str, because: str, **attributes: Any) -> Callable[[F], F]:
    """Give a command an option of Airflow's that is refused, with the reason."""

    def refuse(_context: click.Context, _option: click.Parameter, value: Any) -> None:
        if value:
            raise click.UsageError(f"{names[-1]} does not exist here: {because}")

    return click.option(
        *names, hidden=True, expose_value=False, callback=refuse, is_eager=True, **attributes
    )


subdir_refused = not_here(
    "-S",
    "--subdir",
    because="this command shows what the scheduler has read from [core] dags_folder",
)
"""For commands that read the metastore."""

map_index = click.option(
    "--map-index", type=int, default=-1, help="Which instance of a mapped task is meant."
)
