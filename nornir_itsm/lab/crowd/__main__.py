"""``python -m nornir_itsm.lab.crowd``: serve a crowd until standard input ends.

Writes one JSON line when it listens: ``pid``, ``port``, ``host_key`` and ``password``. Vendors take turns.
"""

import argparse
import json
import os
import secrets
import sys

from nornir_itsm.lab.crowd import VENDORS, Crowd, Device


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(prog="python -m nornir_itsm.lab.crowd", description=__doc__)
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--vendors", nargs="+", choices=VENDORS, default=list(VENDORS))
    given = parser.parse_args()
    vendors = given.vendors
    devices = (Device(n, vendors[n % len(vendors)]) for n in range(1, given.devices + 1))
    password = secrets.token_urlsafe(12)
    with Crowd(devices, password) as crowd:
        ready = {"pid": os.getpid(), "port": crowd.port, "host_key": crowd.public_key, "password": password}
        print(json.dumps(ready), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
