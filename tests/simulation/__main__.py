"""Play one history again: `python -m tests.simulation SEED`."""

import sys

from tests.simulation.history import play

play(int(sys.argv[1]))
