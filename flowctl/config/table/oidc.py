"""Rows of [oidc]: logging in by an OpenID Connect provider. The section is flowctl's own."""

from flowctl.config.kinds import flag, json_object, text
from flowctl.config.row import Option

ROWS: tuple[Option, ...] = (
    Option(
        "oidc",
        "issuer",
        text(),
        "The address of the provider, as its tokens name it. Nothing: people log in with their\n"
        "passwords alone. Needs pip install 'flowctl[oidc]'. The provider must know the address\n"
        "[webserver] base_url + /api/v1/session/oidc/callback.",
    ),
    Option("oidc", "client_id", text(), "As what flowctl is registered at the provider."),
    Option(
        "oidc",
        "client_secret",
        text(),
        "The secret of that registration; nothing for a public client, which has PKCE alone.",
        sensitive=True,
    ),
    Option("oidc", "scope", text("openid profile email"), "What the provider is asked for."),
    Option(
        "oidc",
        "username_claim",
        text("preferred_username"),
        "The claim of the ID token that names a new user. From his first login on he is known by\n"
        "`sub`, whatever he is called. Where it is email, the provider must have verified that.",
    ),
    Option(
        "oidc",
        "roles_claim",
        text(),
        "The claim that lists what [oidc] role_mapping turns into roles, at each login; dots lead\n"
        "into objects, as in realm_access.roles. Nothing: roles are given by flowctl.",
    ),
    Option(
        "oidc",
        "role_mapping",
        json_object(),
        'Which value of that claim gives which role: {"flow-admins": "Admin"}.',
    ),
    Option(
        "oidc",
        "default_role",
        text(),
        "The role of a new user whom the mapping gives none. Nothing: he is not let in.",
    ),
    Option(
        "oidc",
        "create_users",
        flag(True),
        "Whether somebody who logs in for the first time becomes a user.",
    ),
)
