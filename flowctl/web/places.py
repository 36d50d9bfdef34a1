"""Which addresses within the pages may somebody be sent to?"""


def within(base_path: str, asked: str | None) -> str:
    """Return a path below `base_path` that was asked for, or that path itself.

    A browser takes `//host`, `/\\host` and addresses with control characters to other sites.
    """
    if asked is None or not asked.startswith(base_path) or not asked.isprintable():
        return base_path
    if asked.startswith("//") or "\\" in asked or not asked.isascii():
        return base_path
    return asked
