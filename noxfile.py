"""The checks of this project: ``python -m nox -l`` lists them, ``-s NAME`` runs one.

Sessions run in the environment that nox was started from. A session that finds nothing to run fails
or says so: nothing is green for want of work.
"""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import nox

nox.options.default_venv_backend = "none"

PYTHON = sys.executable
APART = ("docs", "real")  # folders of tests/ with a session of their own
REAL = Path("tests/real").absolute()
PROCESSES = 2 * (os.cpu_count() or 1)  # most tests wait for devices half of their time
TOGETHER = (f"--numprocesses={PROCESSES}", "--dist=loadscope")  # in which parts: see tests/conftest.py
LONG = ("pipeline", "platforms", "acceptance", "stages")  # begun first, so that nobody waits for one at last
KILLS = "NORNIR_ITSM_KILLS"
PROOFS = "NORNIR_ITSM_PROOFS"
PROPERTIES = (  # the algebra, the proof, and what is built on them, against brute force
    *("space", "stages/test_rulebase.py", "stages/test_follow.py", "stages/test_proof_brute_force.py"),
    *("stages/test_why.py", "stages/test_hygiene.py", "stages/test_printed_stoneos.py"),
    *("stages/test_printed_usg.py", "stages/test_firewall_nat.py", "platforms/test_usg_random.py"),
    "platforms/test_vrp_switch_random.py",
    "inventory/test_exports.py",
)


def _pytest(session: nox.Session, *arguments: str, kills: str | None = None, proofs: str = "") -> None:
    session.run(PYTHON, "-m", "pytest", *arguments, env={KILLS: kills, PROOFS: proofs or None})


def _lack(folder: str) -> str:
    """Empty when *folder* holds tests; else words that cannot be taken for a success."""
    return "" if any(Path(folder).glob("**/test_*.py")) else f"NOTHING WAS RUN: no test in {folder}"


@nox.session
def quality(session: nox.Session) -> None:
    """Lint, layout, types, and who may import whom."""
    session.run(PYTHON, "-m", "ruff", "check", ".")
    session.run(PYTHON, "-m", "ruff", "format", "--check", ".")
    session.run(PYTHON, "-m", "mypy")
    session.run(PYTHON, "-m", "mypy", "bootstrap.py", "noxfile.py")
    lint_imports = shutil.which("lint-imports", path=str(Path(PYTHON).parent))
    if lint_imports is None:
        session.error("lint-imports is not installed in this environment")
    session.run(lint_imports)


@nox.session
def tests(session: nox.Session) -> None:
    """The test suite; with arguments after ``--``, the pytest run that they describe."""
    first = [f"tests/{folder}" for folder in LONG]
    rest = sorted(
        f"tests/{path.name}" for path in Path("tests").iterdir() if path.name not in (*APART, *LONG)
    )
    rest = [folder for folder in rest if not _lack(folder)]
    _pytest(session, *(session.posargs or (*TOGETHER, *first, *rest, "--durations=20")))


@nox.session
def docs(session: nox.Session) -> None:
    """Every command and code block of the documentation; skipped, and said so, when there is no test."""
    if lack := _lack("tests/docs"):
        session.skip(lack)
    _pytest(session, *TOGETHER, "tests/docs", *session.posargs)


@nox.session(default=False)
def real(session: nox.Session) -> None:
    """Against real components: installs what is missing where it may, and says so where it may not."""
    if lack := _lack("tests/real"):
        session.error(lack)
    ready = subprocess.run([REAL / "install.sh"], capture_output=True, text=True, check=False)
    arguments = ("tests/real", "-rs", *session.posargs)  # -rs: what was left out, and why
    if ready.returncode:
        session.warn(f"NO FIREWALL AND NO ROUTERS: {(ready.stdout + ready.stderr).strip()}")
        _pytest(session, *arguments)
        return
    private = shlex.join((str(REAL / "labs/private.sh"), PYTHON))
    apart = f"--tx={PROCESSES}*popen//python={private}"  # each with machines of its own
    session.run(PYTHON, "-m", "pytest", apart, "--dist=loadscope", *arguments, env={"NORNIR_ITSM_REAL": "1"})


@nox.session(default=False)
def kills(session: nox.Session) -> None:
    """The full kill matrix: the process is killed at every point, and resumed."""
    if lack := _lack("tests/pipeline"):
        session.error(lack)
    _pytest(session, "tests/pipeline", "-k", "kill", *session.posargs, kills="full")
    _pytest(session, "tests/platforms/test_circular.py", *session.posargs, kills="full")


@nox.session(default=False)
def proofs(session: nox.Session) -> None:
    """The algebra and the proof against brute force: 10,000 examples each, or the number after ``--``."""
    examples, *rest = (*session.posargs,) or ("10000",)
    paths = rest or [f"tests/{path}" for path in PROPERTIES]
    _pytest(session, *paths, "--durations=15", proofs=examples)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Every script of benchmarks/, or those named after ``--``; each prints one JSON line at its end."""
    scripts = [f"benchmarks/{name}.py" for name in session.posargs]
    scripts = scripts or sorted(str(path) for path in Path("benchmarks").glob("*.py"))
    if not scripts:
        session.error("NOTHING WAS RUN: benchmarks/ holds no script")
    for script in scripts:
        session.run(PYTHON, script)
