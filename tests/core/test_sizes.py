"""How sizes of memory are read and shown."""

import pytest

from flowctl.core import sizes


@pytest.mark.parametrize(
    ("written", "size_bytes"),
    [
        ("2G", 2**31),
        ("512M", 2**29),
        ("512MiB", 2**29),
        ("1.5GiB", 3 * 2**29),
        ("800MB", 800_000_000),
        ("64k", 2**16),
        (" 1 T ", 2**40),
        ("1048576", 2**20),
        (2**20, 2**20),
        (0, 0),
    ],
)
def test_a_size_is_read_with_its_unit(written: str | int, size_bytes: int) -> None:
    """K, M and G are powers of 1024, with iB, too; those with B alone are powers of 1000."""
    assert sizes.parse(written) == size_bytes


@pytest.mark.parametrize("written", ["", "G", "2X", "-1G", "2 G B", "1e9", True, 1.5, -1, [1]])
def test_what_is_no_size_is_refused(written: object) -> None:
    """Whatever its type."""
    with pytest.raises(ValueError, match="is not a size such as 512M"):
        sizes.parse(written)  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (2**31, "2.0 GiB"),
        (1.25 * 2**20, "1.2 MiB"),
        (2**50, "1024.0 TiB"),
    ],
)
def test_a_size_is_shown_short(size_bytes: float, text: str) -> None:
    """In the largest unit of which there is one at least."""
    assert sizes.shown(size_bytes) == text
