"""The command line: one file per group of commands; this one holds the boundary for errors.

Heavy parts are imported inside the commands that need them, so that ``--help`` stays quick.
"""

import gc
import sys

from nornir_itsm.cli.boundary import guarded


def pace_collector() -> None:
    """Look for cycles less often: what is read lives as long as the command; searching it costs a tenth."""
    gc.set_threshold(100_000, 20, 20)


def main() -> None:
    """Run the command line and exit with the contract's code."""
    pace_collector()
    sys.exit(guarded(sys.argv[1:]))
