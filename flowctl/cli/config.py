"""`flowctl config`."""

import click

from flowctl.cli.lazy import SETTINGS
from flowctl.cli.options import not_here
from flowctl.cli.settings import executor_note, settings
from flowctl.config.listing import Show, listing


@click.group(context_settings=SETTINGS)
def config() -> None:
    """The configuration: every option, its value, and where that comes from."""


@config.command("list")
@click.option("--section", help="Only this section.")
@click.option("-a", "--defaults", is_flag=True, help="What holds when nobody sets anything.")
@click.option("-d", "--include-descriptions", is_flag=True, help="What each option means.")
@click.option("-V", "--include-env-vars", is_flag=True, help="Which variable sets each option.")
@click.option("-s", "--include-sources", is_flag=True, help="Where each value comes from.")
@click.option("-c", "--comment-out-everything", is_flag=True, help="A file to start from.")
@click.option("-p", "--exclude-providers", is_flag=True, help="Without the providers' sections.")
@not_here("-e", "--include-examples", is_flag=True, because="the descriptions hold the examples")
@not_here("--color", because="the listing has no colours")
def list_(
    section: str | None,
    defaults: bool,
    include_descriptions: bool,
    include_env_vars: bool,
    include_sources: bool,
    comment_out_everything: bool,
    exclude_providers: bool,
) -> None:
    """List all options as an airflow.cfg. Secrets are hidden."""
    wanted = Show(
        section=section,
        defaults=defaults,
        include_descriptions=include_descriptions,
        include_env_vars=include_env_vars,
        include_sources=include_sources,
        comment_out_everything=comment_out_everything,
        exclude_providers=exclude_providers,
    )
    click.echo(listing(settings(), wanted), nl=False)
    if (section or "core").lower() == "core":
        _say_executor()


@config.command
@click.argument("section")
@click.argument("option")
def get_value(section: str, option: str) -> None:
    """Print the value of one option."""
    click.echo(settings().text(section, option))
    if (section.lower(), option.lower()) == ("core", "executor"):
        _say_executor()


def _say_executor() -> None:
    """Say on stderr, as the value printed is not what everybody gets."""
    if (note := executor_note(settings())) is not None:
        click.echo(f"note: {note}", err=True)
