"""Which names of the context does a function of the user get?

Those that its signature names, or all of them if it takes `**kwargs`. Values are only made for what
is handed over.
"""

import inspect
from collections.abc import Callable, Collection, Mapping
from itertools import islice
from typing import Any


def keywords(
    function: Callable[..., Any], args: Collection[Any], given: Mapping[str, Any], context: Any
) -> dict[str, Any]:
    """Return the keyword arguments to call `function` with, besides `args`.

    Args:
        function: what is to be called.
        args: its positional arguments.
        given: keyword arguments of the user; they go before names of the context. What the
            signature does not take is left out, as in Airflow 2.10.
        context: the names of the context.

    Raises:
        ValueError: a positional argument would take the place of a name of the context.
    """
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):  # some functions written in C have no signature
        return dict(given)
    for name in islice(parameters, len(args)):
        if name in given or name in context:
            raise ValueError(
                f"op_args would fill {name!r}, which the context fills; rename that argument of"
                f" {getattr(function, '__name__', function)!r}"
            )
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return {**dict(context.items()), **given}
    taken = [
        name
        for name, parameter in parameters.items()
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    ]
    chosen = {name: given[name] for name in taken if name in given}
    return chosen | {name: context[name] for name in taken if name not in given and name in context}
