"""`flowctl providers`."""

import click

from flowctl.authoring import providers as packages
from flowctl.cli import output as outputs
from flowctl.cli.lazy import SETTINGS, Failure
from flowctl.cli.settings import settings
from flowctl.compat import install, installation
from flowctl.hooks import brought


@click.group(context_settings=SETTINGS)
def providers() -> None:
    """Provider packages: Airflow's operators and hooks for other systems, without Airflow."""


@providers.command
@click.argument("names", nargs=-1, required=True)
@click.option(
    "--package",
    is_flag=True,
    help="NAMES are of other packages that require Airflow, such as dag-factory.",
)
@click.option(
    "--with",
    "others",
    multiple=True,
    metavar="REQUIREMENT",
    help='Install this, too, as in --with "paramiko<4", which older providers of SSH need.',
)
@click.option(
    "-c",
    "--constraint",
    "constraints",
    multiple=True,
    metavar="FILE_OR_URL",
    help="Take no other versions than this file of pip's allows.",
)
def add(
    names: tuple[str, ...], package: bool, others: tuple[str, ...], constraints: tuple[str, ...]
) -> None:
    """Install provider packages into this environment, with all they need but Airflow.

    NAMES are as in: http postgres common.sql ssh==4.0.0 "slack>=9"
    """
    version = settings().text("compat", "airflow_version")
    wanted = list(names) if package else [installation.requirement(name) for name in names]
    done = installation.add([*wanted, *others], version, constraints)
    for name, found in sorted(done.versions.items(), key=lambda row: row[0].lower()):
        click.echo(f"{name} {found}")
    if not done.versions:
        click.echo("Everything was installed already.")
    click.echo(f"Left out: apache-airflow, in whose place flowctl stands (as {version}).")
    for complaint in done.complaints:
        click.echo(f"warning: {complaint}", err=True)


@providers.command
@click.argument("name")
@click.option("-f", "--full", is_flag=True, help="Show all that the package says of itself.")
@outputs.option
def get(name: str, full: bool, output: str) -> None:
    """Show one provider package."""
    install()
    found = packages.named(name)
    if found is None:
        raise Failure(f"no such provider is installed: {name}; see: flowctl providers add --help")
    row = dict(found.about) if full else {"Provider": found.package, "Version": found.version}
    outputs.show([row], output)


def _listing(kind: str, sentence: str) -> click.Command:
    @click.command(name=kind, help=sentence)
    @outputs.option
    def listing(output: str) -> None:
        install()
        outputs.show(list(brought.KINDS[kind][1]()), output)

    return listing


for _kind, (_sentence, _) in brought.KINDS.items():
    providers.add_command(_listing(_kind, _sentence))
