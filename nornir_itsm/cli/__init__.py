"""The command line: one file per group of commands; this one holds the boundary for errors.

Heavy parts are imported inside the commands that need them, so that ``--help`` stays quick.
"""

import sys

from nornir_itsm.cli.boundary import guarded


def main() -> None:
    """Run the command line and exit with the contract's code."""
    sys.exit(guarded(sys.argv[1:]))
