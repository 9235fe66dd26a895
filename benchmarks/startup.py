"""CPU time of ``nornir-itsm --help`` against the smallest typer program, in the same run.

Prints one JSON object. ``cpu`` is the peer's median over ours, so above 1 ours is better; ``to_floor`` is
ours over the floor, which is ``python -c "import typer"``. Figures are CPU seconds, user and system.
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROUNDS = 15
HELLO = """
import typer

app = typer.Typer()


@app.command()
def hello(name: str) -> None:
    "Greet."
    print("hello", name)


if __name__ == "__main__":
    app()
"""


def cpu_seconds(command: Sequence[str], promise: str) -> float:
    """CPU seconds of one run.

    Raises:
        SystemExit: it failed, or its output lacks *promise*: then there is nothing to compare.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    # a plain terminal, so that neither side pays for looking at this one
    done = subprocess.run(
        command, env={**os.environ, "TERM": "dumb"}, capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode or promise not in done.stdout:
        sys.exit(f"{command[0]}: exit {done.returncode}, no {promise!r} in its output\n{done.stderr[-800:]}")
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def medians(commands: dict[str, tuple[list[str], str]]) -> dict[str, float]:
    """Median CPU seconds of each command; the rounds are interleaved, the first warms the caches."""
    rounds = [
        {name: cpu_seconds(command, promise) for name, (command, promise) in commands.items()}
        for _ in range(ROUNDS + 1)
    ]
    return {name: statistics.median(each[name] for each in rounds[1:]) for name in commands}


def main() -> None:
    """Measure and print."""
    ours = shutil.which("nornir-itsm", path=str(Path(sys.executable).parent))
    if ours is None:
        sys.exit("nornir-itsm is not installed beside this Python: python3 bootstrap.py setup")
    with tempfile.TemporaryDirectory() as folder:
        hello = Path(folder, "hello.py")
        hello.write_text(HELLO, encoding="utf-8")
        took = medians(
            {
                "ours": ([ours, "--help"], "apply"),
                "peer": ([sys.executable, str(hello), "--help"], "Greet."),
                "floor": ([sys.executable, "-c", "import typer; print(typer.__name__)"], "typer"),
            }
        )
    ratios = {"cpu": took["peer"] / took["ours"], "to_floor": took["ours"] / took["floor"]}
    result = {
        "name": "startup",
        "ratios": {name: round(ratio, 3) for name, ratio in ratios.items()},
        "figures": {f"{name}_cpu_seconds": round(seconds, 4) for name, seconds in took.items()},
        "peer": "typer hello world",
        "n": ROUNDS,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
