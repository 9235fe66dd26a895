"""The folder desk keeps the promises of a ticket system, for several processes at a time."""

import json
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import pytest

from nornir_itsm.errors import ChangeError
from nornir_itsm.itsm import DESKS
from nornir_itsm.ports import TicketDesk


@dataclass(frozen=True)
class Fixed:
    time: str = "2026-11-22T10:00:00+08:00"

    def now(self) -> str:
        return self.time


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "var" / "tickets"


@pytest.fixture
def desk(root: Path) -> TicketDesk:
    return DESKS["folder"](root, Fixed())


def open_one(root: Path, key: str) -> str:
    return DESKS["folder"](root, Fixed()).open(key, {"title": key})


def test_a_ticket_is_new_and_holds_its_fields(desk: TicketDesk) -> None:
    """A registered change can be read back with its state."""
    number = desk.open("C-1", {"title": "示例变更"})
    assert number == "CHG-20261122-0001"
    assert desk.read(number) == {"title": "示例变更", "state": "new"}


def test_the_same_key_never_opens_a_second_ticket(desk: TicketDesk, root: Path) -> None:
    """Opening again gives the number of the first time and leaves the ticket as it has become."""
    number = desk.open("C-1", {"title": "a"})
    desk.update(number, "approved", {"approver": "乙"})
    assert DESKS["folder"](root, Fixed("2027-01-01T00:00:00+08:00")).open("C-1", {"title": "b"}) == number
    assert desk.read(number) == {"title": "a", "approver": "乙", "state": "approved"}
    assert len(list(root.glob("CHG-*"))) == 1


def test_numbers_count_up_by_day(desk: TicketDesk, root: Path) -> None:
    """Another key gets the next number; another day starts again."""
    later = DESKS["folder"](root, Fixed("2026-11-23T10:00:00+08:00"))
    numbers = [desk.open("C-1", {}), desk.open("C-2", {}), later.open("C-3", {}), desk.open("C-4", {})]
    assert numbers == ["CHG-20261122-0001", "CHG-20261122-0002", "CHG-20261123-0001", "CHG-20261122-0003"]


def test_processes_never_share_a_number(root: Path) -> None:
    """Processes that open tickets at the same moment get a number each."""
    keys = [f"C-{i}" for i in range(16)]
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        numbers = list(pool.map(open_one, [root] * len(keys), keys))
    assert len(set(numbers)) == len(keys)
    assert [DESKS["folder"](root, Fixed()).read(number)["title"] for number in numbers] == keys


def test_one_key_opened_by_many_at_once_is_one_ticket(root: Path) -> None:
    """Whoever is first: all get the same number, and no empty folder is left."""
    with ThreadPoolExecutor(8) as pool:
        numbers = set(pool.map(open_one, [root] * 24, ["C-1"] * 24))
    assert len(numbers) == 1
    assert [path.name for path in root.glob("CHG-*")] == list(numbers)


def test_a_crash_between_claim_and_ticket_is_healed(desk: TicketDesk, root: Path) -> None:
    """A ticket that was claimed but not written yet is completed by the next one who asks."""
    number = desk.open("C-1", {"title": "a"})
    (root / number / "ticket.json").unlink()
    assert desk.open("C-1", {"title": "a"}) == number
    assert desk.read(number) == {"title": "a", "state": "new"}


LIVES = [
    ("approved", "implementing", "closed"),
    ("approved", "implementing", "rolled_back"),
    ("approved", "implementing", "failed", "implementing", "closed"),
    ("approved", "new", "withdrawn"),
    ("approved", "implementing", "closed", "rolled_back"),
]


@pytest.mark.parametrize("life", LIVES)
def test_a_ticket_goes_through_its_states(desk: TicketDesk, root: Path, life: tuple[str, ...]) -> None:
    """Every state that may follow is taken, read back and remembered with its time."""
    number = desk.open("C-1", {})
    for state in life:
        desk.update(number, state, {"last": state})
        assert desk.read(number) == {"last": state, "state": state}
    history = json.loads((root / number / "ticket.json").read_text(encoding="utf-8"))["history"]
    assert [move["state"] for move in history] == ["new", *life]


@pytest.mark.parametrize(
    ("life", "state"),
    [
        ((), "implementing"),
        ((), "closed"),
        (("approved",), "closed"),
        (("withdrawn",), "approved"),
        ((), "weird"),
    ],
)
def test_a_state_that_may_not_follow_is_refused(desk: TicketDesk, life: tuple[str, ...], state: str) -> None:
    """States cannot be skipped, left when they are over, or made up; the ticket stays as it was."""
    number = desk.open("C-1", {"a": "1"})
    for step in life:
        desk.update(number, step, {})
    before = desk.read(number)
    with pytest.raises(ChangeError, match=f"cannot become {state}"):
        desk.update(number, state, {"a": "2"})
    assert desk.read(number) == before


def test_fields_can_be_set_without_moving(desk: TicketDesk) -> None:
    """The present state again is no move: only the fields change, and saying it twice is the same."""
    number = desk.open("C-1", {"a": "1"})
    for _ in range(2):
        desk.update(number, "new", {"b": "2"})
    assert desk.read(number) == {"a": "1", "b": "2", "state": "new"}


def test_the_state_is_no_field(desk: TicketDesk, root: Path) -> None:
    """A field called state could hide the real one: it is refused and no ticket is opened."""
    with pytest.raises(ChangeError, match="state"):
        desk.open("C-1", {"state": "closed"})
    assert not root.exists()


@pytest.mark.parametrize("number", ["CHG-20261122-0009", "..", "", "CHG-20261122-0001/..", ".keys", "/etc"])
def test_an_unknown_number_is_said_so(desk: TicketDesk, number: str) -> None:
    """A number that is not there, or no number at all, opens nothing."""
    desk.open("C-1", {})
    for use in (desk.read, lambda n: desk.update(n, "approved", {}), lambda n: desk.attach(n, "a.txt", b"")):
        with pytest.raises(ChangeError, match="no such ticket"):
            use(number)


def test_an_attachment_is_kept_whole(desk: TicketDesk) -> None:
    """The file is where the desk says, byte by byte; the same one again is kept once."""
    number = desk.open("C-1", {})
    places = {desk.attach(number, "变更方案.md", b"\x00\r\n\xff") for _ in range(2)}
    assert [Path(place).read_bytes() for place in places] == [b"\x00\r\n\xff"]


def test_another_attachment_of_the_same_name_replaces_nothing(desk: TicketDesk) -> None:
    """A new version gets a number; the one before stays as it was."""
    number = desk.open("C-1", {})
    places = [Path(desk.attach(number, "plan.md", text)) for text in (b"one", b"two", b"three")]
    assert [(path.name, path.read_bytes()) for path in places] == [
        ("plan.md", b"one"),
        ("plan-2.md", b"two"),
        ("plan-3.md", b"three"),
    ]


HOSTILE = [
    "",
    ".",
    "..",
    "...",
    "../x",
    "a/b",
    "a\\b",
    "/etc/passwd",
    "C:x",
    "a\x00b",
    "a\nb",
    ".hidden",
    "x.",
    "con.txt",
    "NUL",
    "\u202egpj.exe",
    "a" * 300,
    "\udcff",
    "a|b",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_refused(desk: TicketDesk, root: Path, name: str) -> None:
    """A name that leaves the folder, hides, or means a device is refused, and nothing is written."""
    number = desk.open("C-1", {})
    before = sorted(root.rglob("*"))
    with pytest.raises(ChangeError, match="no file name"):
        desk.attach(number, name, b"x")
    assert sorted(root.rglob("*")) == before


def test_nothing_half_written_is_left(desk: TicketDesk, root: Path) -> None:
    """After all writes only whole files are there."""
    number = desk.open("C-1", {})
    desk.update(number, "approved", {})
    desk.attach(number, "a.txt", b"a")
    names = sorted(path.name for path in (root / number).rglob("*") if path.is_file())
    assert names == ["a.txt", "ticket.json"]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"number": 1}', b"\xff"])
def test_a_damaged_ticket_is_named(desk: TicketDesk, root: Path, content: bytes) -> None:
    """A ticket that cannot be read is an error with its file, and is not overwritten."""
    number = desk.open("C-1", {})
    path = root / number / "ticket.json"
    path.write_bytes(content)
    for use in (desk.read, lambda n: desk.update(n, "approved", {})):
        with pytest.raises(ChangeError, match=r"ticket\.json.*damaged"):
            use(number)
    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_used_is_an_error_of_the_operator(tmp_path: Path) -> None:
    """Where the path is a file, the message names the setting."""
    (tmp_path / "tickets").write_bytes(b"")
    with pytest.raises(ChangeError, match=r"desk\.path"):
        DESKS["folder"](tmp_path / "tickets", Fixed()).open("C-1", {})


@pytest.mark.parametrize("text", ["\udcff", "=1+1", '"}\n', "示例"])
def test_fields_come_back_as_they_were(desk: TicketDesk, text: str) -> None:
    """Any text can be a field; it is data and comes back unchanged."""
    assert desk.read(desk.open("C-1", {"title": text}))["title"] == text
