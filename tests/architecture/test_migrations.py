"""Each migration has a number of its own, follows the one before, and the last one is the head."""

import re
from pathlib import Path

from flowctl.store import migrations

VERSIONS = Path(migrations.__file__).parent / "versions"


def test_migrations_are_numbered_one_after_the_other() -> None:
    files = sorted(VERSIONS.glob("v*.py"))
    texts = {file.name[1:5]: file.read_text() for file in files}
    numbers = [f"{number:04}" for number in range(1, len(files) + 1)]

    assert [file.name[1:5] for file in files] == numbers
    assert numbers[-1] == migrations.HEAD
    for number, before in zip(numbers[1:], numbers, strict=False):
        said = re.findall(r'^(?:down_)?revision = "(\d+)"$', texts[number], re.MULTILINE)
        assert said == [number, before], number
