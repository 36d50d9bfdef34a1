"""What is the provider package called in which a module of `airflow.providers` lies?"""

PROVIDERS = "airflow.providers."
DISTRIBUTION = "apache-airflow-providers-"

_FAMILIES = frozenset(("apache", "atlassian", "cncf", "common", "dbt", "microsoft"))
"""First words that several packages share: `apache.hive` and `apache.spark` are two packages."""


def provider_of(module: str) -> str | None:
    """Return the short name of the package, as in "common.sql"; None for other modules."""
    words = module.removeprefix(PROVIDERS).split(".")
    if not module.startswith(PROVIDERS):
        return None
    if words[0] not in _FAMILIES:
        return words[0]
    return ".".join(words[:2]) if len(words) > 1 else f"{words[0]}.NAME"


def distribution_of(provider: str) -> str:
    """Return what pip calls the package with this short name."""
    return DISTRIBUTION + provider.replace(".", "-").replace("_", "-")


def how_to_install(module: str) -> str:
    """Return the cure when `module` is absent; an empty text when it is of no provider."""
    provider = provider_of(module)
    return f"to install it: flowctl providers add {provider}" if provider else ""
