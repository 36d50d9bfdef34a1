"""What is installed beside flowctl: provider packages."""

import msgspec

from flowctl.authoring import providers
from flowctl.compat import install
from flowctl.store.roles import READ
from flowctl.web.call import Call
from flowctl.web.routes import Needs, NoQuery, route


class Provider(msgspec.Struct):
    package_name: str
    description: str
    version: str


class ProviderCollection(msgspec.Struct):
    providers: list[Provider]
    total_entries: int


@route("GET", "/providers", may=Needs(READ, "Providers"), tag="Provider")
def get_providers(call: Call[NoQuery, None]) -> ProviderCollection:  # noqa: ARG001 - all take it
    """List the provider packages that are installed."""
    install()
    found = [
        Provider(one.package, " ".join(str(one.about.get("description", "")).split()), one.version)
        for one in providers.installed()
    ]
    return ProviderCollection(found, len(found))
