"""`python -m tests.faults.soaking scheduler`: flowctl, whose retention does not wait an hour."""

import sys

from flowctl.cli.main import main
from flowctl.scheduler import upkeep

if __name__ == "__main__":
    upkeep.FIRST_AFTER_S = upkeep.PASS_EVERY_S = 0.2
    main(sys.argv[1:], prog_name="flowctl")
