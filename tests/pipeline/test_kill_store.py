"""The store itself fails in the middle of a run: a full disk, a server that goes, one that comes again."""

from collections.abc import Callable, Iterator

import pytest

from nornir_itsm.app import App
from nornir_itsm.errors import NeedsPerson
from nornir_itsm.pipeline import carry_out
from nornir_itsm.store.postgres import Postgres as Store
from tests.real.postgres import Postgres

from .row_kills import Benches, RowBench, led_out


@pytest.fixture(scope="module")
def benches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Benches]:
    """One firewall for each kind of store."""
    made = Benches(tmp_path_factory.mktemp("store"), 1)
    yield made
    made.close()


def when_it_sends(app: App, act: Callable[[], object]) -> App:
    """Do something when the run says that it is going to send lines."""

    def listener(line: str) -> None:
        if "发送" in line:
            act()

    app.listener = listener
    return app


def stopped(bench: RowBench, app: App, change: str) -> None:
    """The run ends with the remedy, and sends nothing any more: neither on nor back."""
    with pytest.raises(NeedsPerson, match="没有再发送") as caught:
        carry_out(change, app)
    assert (caught.value.exit_code, f"resume {change}" in caught.value.hint) == (7, True)
    sent = [line.text for line in bench.row.firewalls["ROW-FW01"].lines if line.text != "end"]
    whole = [*(line.strip() for line in bench.plan.to_do[0].commands), "save"]
    assert sent == whole[: len(sent)]


def test_a_full_disk(benches: Benches) -> None:
    """SQLite finds no room for another page; with room again ``resume`` ends exact."""
    bench = benches.on("")
    change, app = bench.ready(), bench.open()
    when_it_sends(app, lambda: app.database.rows("PRAGMA max_page_count = 1"))  # no more than there is
    stopped(bench, app, change)
    assert bench.author.changes.steps(change)
    assert list(led_out(bench, change)) == []


def test_a_server_that_is_restarted_in_the_middle(benches: Benches, server: Postgres) -> None:
    """As if it had been killed: the run waits, goes on and ends at the target."""
    bench = benches.on(server.url)

    def again() -> None:
        server.stop("immediate")
        server.start()

    change = bench.ready()
    assert carry_out(change, when_it_sends(bench.open(), again)).state == "done"
    assert list(led_out(bench, change)) == []
    assert bench.row.states() == bench.target


def test_a_server_that_goes(benches: Benches, server: Postgres) -> None:
    """Nothing more is sent; when it is there again ``resume`` ends exact."""
    bench = benches.on(server.url)
    change, app = bench.ready(), bench.open()
    assert isinstance(app.database, Store)
    app.database.restart = 0.5
    try:
        stopped(bench, when_it_sends(app, lambda: server.stop("immediate")), change)
    finally:
        server.start()
    assert list(led_out(bench, change)) == []
