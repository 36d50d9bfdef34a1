"""The one base class of every error that flowctl raises on purpose."""


class FlowctlError(Exception):
    """Something a person can act on; the message says what, where and what to do.

    The command line shows the message alone and exits 1; the web API answers with it.
    """
