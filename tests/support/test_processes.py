"""What processes say is heard, however it comes."""

from tests.support.processes import await_line, speaking

AT_ONCE = "import os, time; os.write(1, b'one\\ntwo\\nthree\\n'); time.sleep(600)"


def test_lines_that_come_at_once_are_heard_one_by_one() -> None:
    with speaking("-c", AT_ONCE) as process:
        try:
            assert await_line(process, "one") == "one\n"
            assert await_line(process, "three") == "two\nthree\n"
        finally:
            process.kill()
