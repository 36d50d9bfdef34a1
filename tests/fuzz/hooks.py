"""What schemathesis does before each request; it loads this file as a module of its own."""

import itertools
import os
from typing import Any

import schemathesis
from schemathesis import Case, HookContext

OWN_NAME, OWN_TOKEN = "fuzz", 1  # whom it is logged in as; it must not lock itself out
AS_NOBODY = "FUZZ_AS_NOBODY"
GUESSES_EVERY = 20  # requests of nobody; each password that is tried takes a tenth of a second
_NUMBERS = itertools.count()


@schemathesis.hook
def before_call(_context: HookContext, case: Case[Any], _kwargs: dict[str, Any]) -> None:
    """Send each request from an address of its own, as many people would.

    From one address the wrong passwords that are tried would soon be answered 429.
    """
    number = next(_NUMBERS)
    if AS_NOBODY in os.environ and number % GUESSES_EVERY:
        case.headers.pop("Authorization", None)
    case.headers["X-Forwarded-For"] = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    parts = case.path_parameters or {}
    if parts.get("username") == OWN_NAME:
        parts["username"] = "viewer"
    if str(parts.get("token_id")) == str(OWN_TOKEN):
        parts["token_id"] = OWN_TOKEN + 1
