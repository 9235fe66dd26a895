"""The project, a lab of its own for each test, and the two people who work on it."""

import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from nornir_itsm.accounts import TOKEN_VARIABLE
from nornir_itsm.app import App
from nornir_itsm.lab import Lab
from nornir_itsm.pipeline import prepare
from tests.real.postgres import MISSING, Postgres, programs

# Each command that a test starts would compile the whole house anew where nothing may be kept.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A machine that is busy is no reason to fail. ``nox -s proofs`` wants many examples of each property.
settings.register_profile("suite", deadline=None)
settings.register_profile(
    "proofs", deadline=None, max_examples=int(os.environ.get("NORNIR_ITSM_PROOFS", "100"))
)
# What decides whether a change lands tries the same examples each time, and fewer, as it has fifteen
# minutes for everything; everybody else draws new ones.
settings.register_profile("landing", deadline=None, derandomize=True, max_examples=30)
if "NORNIR_ITSM_PROOFS" in os.environ:
    settings.load_profile("proofs")
else:
    settings.load_profile("landing" if os.environ.get("CI") else "suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--accept``: case folders take what is made now; review reads the difference."""
    parser.addoption("--accept", action="store_true", help="write the expected files of case folders anew")


@pytest.fixture(scope="session")
def project() -> Path:
    """The repository: site, templates, runbooks, example orders."""
    return Path(__file__).parents[1]


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """A PostgreSQL of our own on loopback, in a folder that its own user may enter."""
    if programs() is None:
        pytest.skip(MISSING)
    with tempfile.TemporaryDirectory(prefix="nornir-itsm-") as folder:
        Path(folder).chmod(0o755)
        postgres = Postgres(Path(folder) / "postgres")
        postgres.make()
        yield postgres
        postgres.stop("immediate")


@pytest.fixture
def url(server: Postgres) -> str:
    """An empty database on the server, for one test after the other."""
    import psycopg

    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return server.url


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store that is not made yet, of either kind: a path, then a URL."""
    if request.param == "postgres":
        return str(request.getfixturevalue("url"))
    return str(tmp_path / "var" / "state.sqlite")


@pytest.fixture
def lab(project: Path, tmp_path: Path) -> Iterator[Lab]:
    """Both devices on loopback, with store, desk and overlay in the test's own folder."""
    for noisy in ("paramiko", "netmiko", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    with Lab(tmp_path / "lab", snapshot=project / "inventory" / "snapshot", project=project) as running:
        yield running


@pytest.fixture
def installation(lab: Lab) -> App:
    """The installation as its author opens it: known by his system account, whoever calls the tests."""
    environ = {name: value for name, value in os.environ.items() if name != TOKEN_VARIABLE}
    return App.open(lab.config, environ=environ)


@pytest.fixture
def approver(lab: Lab) -> App:
    """The same installation as the approver opens it: known by the token."""
    return App.open(lab.config, environ={**os.environ, TOKEN_VARIABLE: lab.token.read_text()})


@pytest.fixture
def planned(project: Path, installation: App) -> Callable[[str], str]:
    """Plan an order of ``orders/`` on the live lab and keep it; gives the number of the change."""

    def plan(form: str) -> str:
        order = installation.read(project / "orders" / form, {})
        made = prepare(order, installation, {})
        now = installation.clock.now()
        return installation.changes.new_change(order, made, installation.author(), now)

    return plan


@pytest.fixture
def approved(planned: Callable[[str], str], approver: App) -> Callable[[str], str]:
    """Plan an order and have it approved by the second person."""

    def plan(form: str) -> str:
        change = planned(form)
        approver.approve(change, None, "同意")
        return change

    return plan


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Where tests run in several processes, what shares something stays in one: see ``together``.

    pytest-xdist 3.8 has groups for that, which it writes where pytest 9 no longer looks for them.
    """
    from xdist.scheduler import LoadScopeScheduling

    config.option.loadscopereorder = False  # the longest stand first: see noxfile.py
    made = LoadScopeScheduling(config, log)
    made._split_scope = together
    return made


def together(nodeid: str) -> str:
    """Name what a test shares a process with: its file, or all files on benches (tests/pipeline/conftest).

    Pages of the documentation take long and share nothing.
    """
    file = nodeid.partition("::")[0]
    if file.startswith("tests/docs/"):
        return nodeid
    return "benches" if "on_benches" in _text(file) else file


@cache
def _text(file: str) -> str:
    return (Path(__file__).parents[1] / file).read_text("utf-8")
