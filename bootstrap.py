#!/usr/bin/env python3
"""Make this checkout ready and run it: ``python3 bootstrap.py demo``, ``test`` or ``setup``.

Needs a Python 3.8 or newer and its standard library only, on Linux and Windows. Finds a Python 3.12 or
newer, makes ``.venv``, installs the hash-pinned requirements and the project, and hands over. Run again,
it does only what is missing. Messages go to standard error; the exit code is that of what was run,
1 for something that can be put right, 2 for wrong usage, 130 when interrupted.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Iterable, Iterator, Mapping, NamedTuple, Sequence  # noqa: UP035 - Python 3.8

ROOT = Path(__file__).resolve().parent
WINDOWS = os.name == "nt"
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = BIN / ("python.exe" if WINDOWS else "python")
COMMAND = BIN / ("nornir-itsm.exe" if WINDOWS else "nornir-itsm")
STAMP = VENV / "bootstrap.json"
LISTS = ROOT / ("win_packages" if WINDOWS else "linux_packages")
LEVELS = ("runtime", "development")  # the second holds the first
OLDEST = (3, 12)
NAMES = [f"python3.{minor}" for minor in range(OLDEST[1], 20)] + ["python3", "python"]
NOTHING = subprocess.DEVNULL
HEARTBEAT = 20.0  # seconds between two signs of life of a long step

PROBE = """
import json, sys
try:
    import ensurepip, venv
    complete = sys.implementation.name == "cpython"
except ImportError:
    complete = False
base = getattr(sys, "_base_executable", None) or sys.executable
print(json.dumps([base, list(sys.version_info[:3]), sys.prefix, complete]))
"""

HOW_TO_GET = """install one and run the same command again:
    Debian, Ubuntu   apt install python3.12 python3.12-venv
    pyenv            pyenv install 3.12
    uv               uv python install 3.12
    Windows          winget install Python.Python.3.12"""

BY_WHEELS = "or put the wheels into the folder (its README.md says how)"
UNREACHABLE = (
    r"Connection(Error| refused| broken| reset)|[Tt]imed out|ProxyError|SSLError|NameResolutionError"
)
CAUSES = (  # what pip says -> what to do; the first that fits is shown
    ("DO NOT MATCH THE HASHES", "a file is not the one that was pinned: do not use it, ask who serves it"),
    ("No space left", "the disk is full"),
    (UNREACHABLE, f"check the network, the proxy and `pip config list`, {BY_WHEELS}"),
    (
        r"No matching distribution|Could not find a version",
        f"neither wheels nor index have it for this Python: see `pip config list`, {BY_WHEELS}",
    ),
)


class Problem(Exception):  # noqa: N818 - reads as what it is
    """Something that the person at the keyboard can put right: what is wrong, and the remedy."""


class Python(NamedTuple):
    """An interpreter that ran: its base executable, version, prefix, and whether it can make a venv."""

    path: str
    version: tuple[int, int, int]
    prefix: str
    complete: bool


def say(text: str) -> None:
    """One line of progress, on standard error."""
    print(text, file=sys.stderr, flush=True)


def environment() -> dict[str, str]:
    """The environment for children: package index and proxy as configured, no other Python's paths."""
    foreign = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__", "PIP_TARGET", "PIP_PREFIX")
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return {**kept, "PIP_USER": "0", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


# --- a Python to build on --------------------------------------------------------------------------


def probe(command: Sequence[str]) -> Python | None:
    """What the interpreter says of itself, or None when it does not run (a pyenv shim may well not)."""
    try:
        answer = subprocess.run(
            [*command, "-c", PROBE],
            env=environment(),
            capture_output=True,
            stdin=NOTHING,
            timeout=30,
            check=True,
        )
        path, version, prefix, complete = json.loads(answer.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return Python(path, tuple(version), prefix, complete)


def candidates(env: Mapping[str, str], own: str = sys.executable) -> Iterator[list[str]]:
    """Commands that may start a Python, the likeliest first; whether they run is for `probe` to say."""
    if own:
        yield [own]
    folders = [folder for folder in env.get("PATH", "").split(os.pathsep) if folder]
    for name in NAMES:  # every folder of PATH: a dead shim often hides a living interpreter
        for folder in folders:
            found = shutil.which(name, path=folder)
            if found:
                yield [found]
    yield from _pyenv(env)
    if shutil.which("py", path=env.get("PATH", "")):
        yield from (["py", "-" + name[len("python") :]] for name in NAMES if "." in name)
    yield from _uv(env)


def _pyenv(env: Mapping[str, str]) -> Iterator[list[str]]:
    home = Path(env.get("HOME") or env.get("USERPROFILE") or os.path.expanduser("~"))
    own = env.get("PYENV_ROOT") or env.get("PYENV") or home / ".pyenv"
    found = set()
    for folder in (*Path(own, "versions").glob("3.*"), *home.glob(".pyenv/pyenv-win/versions/3.*")):
        number = re.match(r"3\.(\d+)\.(\d+)", folder.name)
        if number and (3, int(number.group(1))) >= OLDEST:
            found.add((int(number.group(1)), -int(number.group(2)), folder))
    for _, _, folder in sorted(found):
        yield [str(folder / ("python.exe" if WINDOWS else "bin/python"))]


def _uv(env: Mapping[str, str]) -> Iterator[list[str]]:
    uv = shutil.which("uv", path=env.get("PATH", ""))
    if uv:
        wanted = ">={}.{}".format(*OLDEST)
        found = subprocess.run(
            [uv, "python", "find", "--system", wanted], capture_output=True, stdin=NOTHING, check=False
        )
        if found.returncode == 0:
            yield [found.stdout.decode(errors="replace").strip()]


def find_python(commands: Iterable[Sequence[str]]) -> Python:
    """The first that runs, is new enough and can make a virtual environment.

    Raises:
        Problem: none does; says how to get one.
    """
    lame = None
    for command in commands:
        python = probe(command)
        if python is None or python.version[:2] < OLDEST:
            continue
        if python.complete:
            return python
        lame = lame or python
    if lame:
        package = "python{}.{}-venv".format(*lame.version)
        raise Problem(f"{lame.path} cannot make a virtual environment", f"apt install {package}")
    raise Problem("no Python {}.{} or newer was found".format(*OLDEST), HOW_TO_GET)


# --- steps that take a while -----------------------------------------------------------------------


def step(what: str, command: Sequence[str]) -> None:
    """Run one quiet step and say how long it took.

    Raises:
        Problem: it failed; with the last lines of what it said.
    """
    say(f"==> {what}")
    began = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=str(ROOT),
        env=environment(),
        stdin=NOTHING,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as child:
        output = _wait(child, began)
    if child.returncode:
        raise Problem(f"failed: {what}\n{_tail(output)}", _remedy(output, command))
    say(f"    {time.monotonic() - began:.1f} s")


def _wait(child: subprocess.Popen[bytes], began: float) -> str:
    while True:
        try:
            return child.communicate(timeout=HEARTBEAT)[0].decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            say(f"    still at it, {time.monotonic() - began:.0f} s; a minute or two is usual")
        except KeyboardInterrupt:
            child.terminate()
            child.wait()
            raise


def _tail(output: str, length: int = 12) -> str:
    lines = [
        line for line in output.splitlines() if line.strip() and not line.startswith("WARNING: Location")
    ]
    return re.sub(r"//[^/@\s]+@", "//***@", "\n".join(f"    | {line}" for line in lines[-length:]))


def _remedy(output: str, command: Sequence[str]) -> str:
    for pattern, remedy in CAUSES:
        if re.search(pattern, output):
            return remedy
    return "by hand it is: " + " ".join(map(str, command))


# --- what is there, what is missing ----------------------------------------------------------------


def pins(listing: Path) -> set[str]:
    """``name==version`` of a requirements list, names normalised; those with a marker are left out."""
    text = listing.read_text(encoding="utf-8")
    found = re.findall(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)[ \t]*\\?$", text, re.MULTILINE)
    return {f"{_normal(name)}=={version}" for name, version in found}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wheels(folder: Path) -> set[str]:
    """``name==version`` of the wheel files of a folder."""
    parts = (wheel.name.split("-") for wheel in folder.glob("*.whl"))
    return {f"{_normal(part[0])}=={part[1]}" for part in parts}


def installed(venv: Path = VENV) -> set[str]:
    """``name==version`` of what lies in the virtual environment."""
    folders = [
        *venv.glob("lib/python3*/site-packages/*.dist-info"),
        *venv.glob("Lib/site-packages/*.dist-info"),
    ]
    parts = (folder.name[: -len(".dist-info")].rpartition("-") for folder in folders)
    return {f"{_normal(name)}=={version}" for name, _, version in parts}


def digest(level: str) -> str:
    """SHA-256 of the list of *level*, or of pyproject.toml where no list is shipped."""
    listing = LISTS / f"{level}.txt"
    source = listing if listing.is_file() else ROOT / "pyproject.toml"
    return hashlib.sha256(source.read_bytes()).hexdigest()


def read_stamp() -> dict[str, Any]:
    """What the last complete run left in ``.venv``; empty when there was none."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(stamp: Mapping[str, Any]) -> None:
    """Whole or not at all."""
    half = STAMP.with_suffix(".part")
    half.write_text(json.dumps(stamp, indent=1), encoding="utf-8")
    os.replace(str(half), str(STAMP))


def venv_fault(stamp: Mapping[str, Any]) -> str | None:
    """Why ``.venv`` must be made anew, or None when it serves.

    Raises:
        Problem: something that is not ours stands in its place.
    """
    if not os.path.lexists(str(VENV)):
        return "there is none yet"
    if not VENV.is_dir():
        raise Problem(f"{VENV} is not a folder", "move it away")
    python = probe([str(PYTHON)])
    if python is None:
        return "its Python does not run"
    if python.version[:2] < OLDEST:
        return "it is of Python {}.{}".format(*python.version)
    if not os.path.samefile(python.prefix, str(VENV)):
        return "it is no virtual environment"
    if stamp.get("root", str(ROOT)) != str(ROOT):
        return "it was made in another folder"
    return None


# --- setting up ------------------------------------------------------------------------------------


def set_up(level: str) -> None:
    """Bring ``.venv`` to *level* (``runtime`` or ``development``), doing only what is missing.

    Raises:
        Problem: no Python, no package, no index.
    """
    stamp = read_stamp()
    fault = venv_fault(stamp)
    if fault:
        python = find_python(candidates(os.environ))
        release = ".".join(map(str, python.version))
        command = [python.path, "-m", "venv", "--clear", str(VENV)]
        step(f"making .venv with Python {release} at {python.path} ({fault})", command)
        stamp = {}
    listing = LISTS / f"{level}.txt"
    lacking = pins(listing) - installed() if listing.is_file() else set()
    project = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    packages_stand = stamp.get(level) == digest(level) and not lacking
    if packages_stand and stamp.get("project") == project and COMMAND.exists():
        say("==> .venv is ready")
        return
    _ensure_pip()
    if not packages_stand:
        _install_packages(level, listing)
        stamp = {**stamp, **{each: digest(each) for each in LEVELS[: LEVELS.index(level) + 1]}}
    _install_project()
    write_stamp({**stamp, "root": str(ROOT), "project": project})


def _pip(*arguments: str) -> list[str]:
    return [str(PYTHON), "-m", "pip", *arguments]


def _ensure_pip() -> None:
    if subprocess.run(_pip("--version"), env=environment(), capture_output=True, check=False).returncode:
        step("putting pip into .venv", [str(PYTHON), "-m", "ensurepip", "--upgrade", "--default-pip"])


def _install_packages(level: str, listing: Path) -> None:
    if not listing.is_file():
        say(f"==> {LISTS.name}/{listing.name} is not shipped yet: versions are NOT pinned, only named")
        extra = "[dev]" if level == "development" else ""
        tools = ("hatchling", "editables")
        step("installing from the configured index", _pip("install", "-q", *tools, "-e", f".{extra}"))
        return
    wanted = pins(listing)
    where, options = _origin(wanted, wheels(LISTS))
    command = _pip("install", "-q", *options, "--require-hashes", "-r", str(listing))
    step(f"installing {len(wanted)} pinned packages from {where}", command)


def _origin(wanted: set[str], there: set[str]) -> tuple[str, list[str]]:
    """Where packages come from, in words and as pip options; hashes hold in every case."""
    local = ["--find-links", str(LISTS)]
    if wanted <= there:
        return f"the wheels in {LISTS.name}", ["--no-index", *local]
    if wanted & there:
        return f"{LISTS.name}, {len(wanted - there)} of them from the configured index", local
    return "the configured index", []


def _install_project() -> None:
    offline = ("--no-index", "--no-deps", "--no-build-isolation")
    step("installing nornir_itsm itself, editable", _pip("install", "-q", *offline, "-e", str(ROOT)))


# --- the three commands ----------------------------------------------------------------------------


def hand_over(command: Sequence[str]) -> int:
    """Become *command*, in the folder of the project; on Windows, wait for it and give its exit code."""
    os.chdir(str(ROOT))
    if not WINDOWS:
        os.execve(command[0], list(command), environment())
    with subprocess.Popen(command, env=environment()) as child:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:  # the child heard it too; what to do is its decision
                continue


def arguments(argv: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """The command and its options, and what is passed on to what will be run."""
    parser = argparse.ArgumentParser(prog="bootstrap.py", description="Make this checkout ready and run it.")
    commands = parser.add_subparsers(dest="command", metavar="demo|test|setup")
    commands.add_parser("demo", help="carry one order from form to closed ticket, on simulated devices")
    test = commands.add_parser("test", help="run the whole test suite; arguments after -- go to pytest")
    test.add_argument("--real", action="store_true", help="also against real components, where it may")
    setup = commands.add_parser("setup", help="make .venv and stop there")
    setup.add_argument("--dev", action="store_true", help="with what development needs")
    cut = list(argv).index("--") if "--" in argv else len(argv)
    options, unknown = parser.parse_known_args(argv[:cut])
    rest = list(argv[cut + 1 :])
    if options.command is None:
        parser.error("one of demo, test, setup is needed")
    if options.command == "demo":
        return options, unknown + rest
    if unknown or (rest and options.command == "setup"):
        hint = "; arguments for pytest go after --" if options.command == "test" else ""
        parser.error(f"unknown: {' '.join(unknown + rest)}{hint}")
    return options, rest


def nox_command(real: bool, rest: Sequence[str]) -> list[str]:
    """The nox call; with arguments for pytest it is one pytest run over what they select."""
    sessions = ["tests"] if rest else ["tests", "docs"]
    sessions += ["real"] if real else []
    return [str(PYTHON), "-m", "nox", "-s", *sessions, *(["--", *rest] if rest else [])]


def main(argv: Sequence[str]) -> int:
    """Set up, then run."""
    options, rest = arguments(argv)
    try:
        if options.command == "setup":
            set_up("development" if options.dev else "runtime")
            say(f"    the command is {COMMAND.relative_to(ROOT)}")
            return 0
        if options.command == "test":
            set_up("development")
            return hand_over(nox_command(options.real, rest))
        set_up("runtime")
        return hand_over([str(COMMAND), "demo", *rest])
    except Problem as problem:
        say("bootstrap: {}\n  -> {}".format(*problem.args))
        return 1
    except OSError as error:
        say(f"bootstrap: {error}\n  -> is the folder writable, the disk not full, .venv not in use?")
        return 1
    except KeyboardInterrupt:
        say("bootstrap: interrupted; the same command goes on from here")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
