"""What is the value of an option of which only the place in a secrets backend is given?"""

from flowctl import config
from flowctl.authoring import secrets
from flowctl.authoring.settings import stored
from flowctl.compat.finder import install
from flowctl.config import ConfigError


def option(key: str) -> str | None:
    """Return what the site's backend has at `key`, None when it has nothing.

    Raises:
        ConfigError: there is no backend.
        AirflowException: it cannot be used.
    """
    conf = config.load()
    if not conf.text("secrets", "backend"):
        raise ConfigError(
            f"an option is to come from a secrets backend (from {key!r}), and [secrets] backend"
            " names none; set it, or the value itself, or a command that prints it (_CMD)"
        )
    install()
    stored.secrets_backend = conf.text("secrets", "backend")
    stored.secrets_options = conf.get("secrets", "backend_kwargs")
    return secrets.option(key)
