"""What [core] says about hiding secrets, for all processes that show or store some."""

from flowctl.authoring import masking
from flowctl.config import Config


def by(conf: Config) -> None:
    """Take names of secrets over from the configuration."""
    hides = conf.flag("core", "hide_sensitive_var_conn_fields")
    more = conf.words("core", "sensitive_var_conn_names")
    masking.name_secrets((*masking.USUAL_NAMES, *more) if hides else ())
