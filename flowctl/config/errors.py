"""The one error of this package."""

from flowctl.errors import FlowctlError


class ConfigError(FlowctlError):
    """A setting that cannot be used.

    The message names it, its value, where that came from, and what is allowed. Values of
    sensitive options are never in it.
    """
