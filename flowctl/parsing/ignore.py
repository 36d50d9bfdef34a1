"""Which paths does an `.airflowignore` file hide?

Two syntaxes, chosen by `[core] dag_ignore_file_syntax`. `regexp`: a path is hidden when a pattern
is found anywhere in it, seen from the DAG folder. `glob`: the rules of `.gitignore`. A file speaks
for its own folder and everything below; what stands lower comes later and, with `!`, may take back.

Source: Airflow 2.10's documented behaviour, compared in `tests/parsing/test_ignore.py`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

FILE_NAME = ".airflowignore"


@dataclass(frozen=True)
class Rule:
    """One line of an ignore file; `hides` is False for a line that takes back."""

    pattern: re.Pattern[str]
    hides: bool = True
    base: str | None = ""  # the pattern sees the path from here; None: the name alone
    only_folders: bool = False


def is_hidden(path: str, is_folder: bool, rules: Sequence[Rule]) -> bool:
    """Say whether `path`, relative to the DAG folder, is hidden; the last fitting rule decides."""
    for rule in reversed(rules):
        if rule.only_folders and not is_folder:
            continue
        subject = path.rpartition("/")[2] if rule.base is None else path[len(rule.base) :]
        if rule.pattern.search(subject):
            return rule.hides
    return False


def parse(text: str, folder: str, syntax: str) -> tuple[list[Rule], list[str]]:
    """Return the rules of one ignore file, and what is wrong with it.

    Args:
        folder: where the file is, relative to the DAG folder, "" or ending in "/".
        syntax: "regexp" or "glob".
    """
    rules, complaints = [], []
    for number, line in enumerate(text.split("\n"), 1):
        pattern = re.sub(r"\s*#.*", "", line.rstrip("\r"))
        if not pattern:
            continue
        try:
            rules.append(SYNTAXES[syntax](pattern, folder))
        except (re.error, ValueError) as error:
            complaints.append(f"{folder}{FILE_NAME}, line {number}: {pattern!r}: {error}")
    return rules, complaints


def _regexp(pattern: str, _folder: str) -> Rule:
    return Rule(re.compile(pattern))


def _glob(pattern: str, folder: str) -> Rule:
    """Read one line as git does: a slash before the end ties it to the folder of the file."""
    hides = not pattern.startswith("!")
    body = pattern if hides else pattern[1:]
    body = body if body.endswith("\\ ") else body.rstrip(" ")
    only_folders = body.endswith("/")
    body = body.rstrip("/") if only_folders else body
    if not body.strip("/"):
        raise ValueError("it names nothing")
    is_tied = "/" in body
    expression = _translate(body.lstrip("/"))
    return Rule(
        re.compile(rf"\A{expression}\Z", re.DOTALL),
        hides,
        folder if is_tied else None,
        only_folders,
    )


def _translate(glob: str) -> str:
    """Return a regular expression for a glob; `*` and `?` stop at "/", `**` does not."""
    parts = glob.split("/")
    out = ""
    for place, part in enumerate(parts):
        is_last = place == len(parts) - 1
        if part == "**":
            out += ".+" if is_last else "(?:.+/)?"
        else:
            out += _translate_part(part) + ("" if is_last else "/")
    return out


def _translate_part(part: str) -> str:
    tokens = re.findall(r"\\.|\[[!^]?\]?[^\]]*\]|.", part, re.DOTALL)
    return "".join(map(_translate_token, tokens))


def _translate_token(token: str) -> str:
    if len(token) > 1 and token.startswith("["):
        inside = token[1:-1].replace("\\", "\\\\")
        negated = inside[0] in "!^"
        return f"[{'^/' if negated else ''}{inside[1:] if negated else inside}]"
    if token.startswith("\\"):
        return re.escape(token[1:] or "\\")
    if set(token) == {"*"}:
        return "[^/]*"
    return "[^/]" if token == "?" else re.escape(token)


SYNTAXES: dict[str, Callable[[str, str], Rule]] = {"regexp": _regexp, "glob": _glob}
