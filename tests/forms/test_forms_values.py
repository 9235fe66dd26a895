"""A corpus of cell values, valid and invalid, with what each grammar makes of them."""

from collections.abc import Mapping
from datetime import date, datetime

import pytest

from nornir_itsm.forms.addresses import read_addresses
from nornir_itsm.forms.ports import read_ports
from nornir_itsm.forms.reading import TEXT_LIMIT, Reading, free_text
from nornir_itsm.forms.schedules import read_schedule
from nornir_itsm.forms.words import read_action, read_date, read_protocol, read_zone

ANY = ("any",)

ADDRESSES: list[tuple[object, str]] = [
    # what a cell holds, and what is read: addresses, or the kind, with the levels of its notes behind "!"
    ("10.60.134.61", "10.60.134.61/32"),
    ("10.60.134.61 ", "10.60.134.61/32"),
    ("\t10.60.134.61\n", "10.60.134.61/32"),
    ("10.60.134.61/32", "10.60.134.61/32"),
    ("１０．６０．１３４．６１", "10.60.134.61/32"),
    ("10.0.0.1\u200b", "10.0.0.1/32"),
    ("10.0.0.2\n10.0.0.1", "10.0.0.1/32 10.0.0.2/32"),
    ("10.0.0.10,10.0.0.9", "10.0.0.9/32 10.0.0.10/32"),
    ("10.0.0.1，10.0.0.2；10.0.0.3、10.0.0.4 10.0.0.5;10.0.0.6", "10.0.0.1/32 10.0.0.2/32 10.0.0.3/32"
     " 10.0.0.4/32 10.0.0.5/32 10.0.0.6/32"),
    ("10.0.0.1\n10.0.0.1/32", "10.0.0.1/32 !info"),
    ("10.0.0.0/24\n10.0.0.7", "10.0.0.0/24 !info"),
    ("10.60.130.64/26", "10.60.130.64/26"),
    ("10.60.130.64 / 26", "10.60.130.64/26"),
    ("10.60.128.193/26", "10.60.128.192/26 !warning"),
    ("10.60.130.64/255.255.255.192", "10.60.130.64/26 !info"),
    ("10.0.0.0/8", "10.0.0.0/8 !warning"),
    ("10.0.0.1-10.0.0.9", "10.0.0.1-10.0.0.9"),
    ("10.0.0.1－10.0.0.9", "10.0.0.1-10.0.0.9"),
    ("10.0.0.1～10.0.0.9", "10.0.0.1-10.0.0.9"),
    ("10.0.0.1 — 10.0.0.9", "10.0.0.1-10.0.0.9"),
    ("10.0.0.1至10.0.0.9", "10.0.0.1-10.0.0.9"),
    ("10.0.0.1-9", "10.0.0.1-10.0.0.9 !info"),
    ("10.0.0.0-10.0.0.255", "10.0.0.0/24"),
    ("10.0.0.4-10.0.0.4", "10.0.0.4/32"),
    ("10.0.0.1-10.0.0.9\n10.0.0.5-10.0.0.12", "10.0.0.1-10.0.0.12 !info"),
    ("203.0.113.213（电信）\n198.51.100.53（移动） ", "198.51.100.53/32 203.0.113.213/32 !info"),
    ("203.0.113.213(电信)", "203.0.113.213/32 !info"),
    ("203.0.113.213 电信", "203.0.113.213/32 !info"),
    ("电信：203.0.113.213", "203.0.113.213/32 !info"),
    ("10.0.0.1（主机A）", "10.0.0.1/32 !info"),
    ("2001:db8::1", "2001:db8::1/128"),
    ("2001:DB8::/32", "2001:db8::/32"),
    ("2001:db8::5/64", "2001:db8::/64 !warning"),
    ("2001:db8::1-2001:db8::9", "2001:db8::1-2001:db8::9"),
    ("2001:db8::1\n10.0.0.1", "10.0.0.1/32 2001:db8::1/128"),
    ("update.example.com", "update.example.com"),
    ("Update.Example.COM.", "update.example.com"),
    ("my-host.example.com\n10.0.0.1", "10.0.0.1/32 my-host.example.com"),
    ("*.example.com", "*.example.com !warning"),
    ("224.0.0.5", "224.0.0.5/32 !warning"),
    ("any", "any"),
    ("ANY ", "any"),
    ("Any\nany", "any"),
    ("任意", "any"),
    ("0.0.0.0/0", "any"),
    ("::/0", "any"),
    ("/", "na"),
    ("／", "na"),
    ("N/A", "na"),
    ("无", "na"),
    ("-", "na"),
    (None, "blank"),
    ("", "blank"),
    ("   ", "blank"),
    ("选填", "blank"),
    ("                    选填", "blank"),
    ("请填写", "blank"),
    ("必填（下拉选择）", "blank"),
    ("any\n10.0.0.1", "bad !error"),
    ("999.1.1.1", "bad !error"),
    ("10.0.0.256", "bad !error"),
    ("10.60.134", "bad !error"),
    ("10.0.0.1.2", "bad !error"),
    ("010.0.0.1", "bad !error"),
    ("0x0a000001", "bad !error"),
    ("167772161", "bad !error"),
    (8080, "bad !error"),
    (10.6, "bad !error"),
    (True, "bad !error"),
    (datetime(2026, 1, 2), "bad !error"),
    ("#REF!", "bad !error"),
    ("10.0.0.0/33", "bad !error"),
    ("10.0.0.1/24/25", "bad !error"),
    ("10.0.0.9-10.0.0.1", "bad !error"),
    ("10.0.0.1-2001:db8::9", "bad !error"),
    ("10.0.0.1-10.0.0.5-10.0.0.9", "bad !error"),
    ("127.0.0.1", "bad !error"),
    ("169.254.1.1", "bad !error"),
    ("255.255.255.255", "bad !error"),
    ("fe80::1", "bad !error"),
    ("fe80::1%eth0", "bad !error"),
    ("::1", "bad !error"),
    ("::ffff:10.0.0.1", "bad !error"),
    ("localhost", "bad !error"),
    ("a" * 300 + ".com", "bad !error"),
    ("例子.中国", "bad !error"),
    ("10。0。0。1", "bad !error"),
    ("10.0.0.1;drop table", "bad !error"),
    ("=cmd|' /C calc'!A0", "bad !error"),
    ("{{ 7*7 }}", "bad !error"),
    ("../../etc/passwd", "bad !error"),
    (";;;", "bad !error"),
    ("10.0.0.1 " * 1001, "bad !error"),
    ("0.0.0.0", "bad !question"),
    ("192.0.2.1:443", "bad !question"),
    ("https://update.example.com/x?y", "bad !question"),
]  # fmt: skip

PORTS: list[tuple[object, str]] = [
    (8080, "8080"),
    ("8080", "8080"),
    (8080.0, "8080"),
    ("８０８０", "8080"),
    ("123;456", "123 456"),
    ("456；123", "123 456"),
    ("80,443", "80 443"),
    ("80、443", "80 443"),
    ("80\n443", "80 443"),
    ("80 443", "80 443"),
    ("80/443", "80 443"),
    ("6001;3306;9130;5336", "3306 5336 6001 9130"),
    ("22677-22679", "22677-22679"),
    ("22677－22679", "22677-22679"),
    ("22677～22679", "22677-22679"),
    ("22677 - 22679", "22677-22679"),
    ("22677至22679", "22677-22679"),
    ("80;81;82", "80-82"),
    ("80-90;85-95", "80-95 !info"),
    ("80;80", "80 !info"),
    ("65535", "65535"),
    (0, "any"),
    ("0", "any"),
    ("any", "any"),
    ("不限", "any"),
    ("0-65535", "any !info"),
    ("1-65535", "any !info"),
    ("/", "na"),
    (None, "blank"),
    ("选填", "blank"),
    ("65536", "bad !error"),
    (70000, "bad !error"),
    ("-1", "bad !error"),
    (-1, "bad !error"),
    (443.5, "bad !error"),
    ("443-80", "bad !error"),
    ("80-", "bad !error"),
    ("80-90-95", "bad !error"),
    ("8000:8010", "bad !error"),
    ("0;443", "bad !error"),
    ("1,024", "bad !error"),
    ("0443", "bad !error"),
    ("tcp/443", "bad !error"),
    ("TCP443", "bad !error"),
    ("http", "bad !error"),
    ("192.0.2.131", "bad !error"),
    ("٤٤٣", "bad !error"),
    ("1" * 5000, "bad !error"),
    (10**40, "bad !error"),
    (True, "bad !error"),
    ("#N/A", "bad !error"),
    (date(2026, 6, 1), "bad !error"),
    (";", "bad !error"),
]

SCHEDULES: list[tuple[object, str | None]] = [
    ("全天24小时", ""),
    ("全天", ""),
    (" 全天 24小时 ", ""),
    ("7×24小时", ""),
    ("每日全天", ""),
    ("工作日-早8晚6", "mon-fri 08:00-18:00"),
    ("工作日－早8晚6", "mon-fri 08:00-18:00"),
    ("工作日-早8晚8", "mon-fri 08:00-20:00"),
    ("工作日-早8次3", "mon-fri 08:00-24:00, tue-sat 00:00-03:00"),
    ("工作日-早8次4", "mon-fri 08:00-24:00, tue-sat 00:00-04:00"),
    ("工作日-早8次日3", "mon-fri 08:00-24:00, tue-sat 00:00-03:00"),
    ("周末-早8晚8", "sat-sun 08:00-20:00"),
    ("周末-早8次3", "sat-sun 08:00-24:00, mon-sun 00:00-03:00"),
    ("每日0600-2300", "mon-sun 06:00-23:00"),
    ("每日0700-次日0330", "mon-sun 07:00-24:00, mon-sun 00:00-03:30"),
    ("工作日 08:00-18:00", "mon-fri 08:00-18:00"),
    ("周一至周五 9:00-17:30", "mon-fri 09:00-17:30"),
    ("工作日全天", "mon-fri 00:00-24:00"),
    ("早8晚6", None),
    ("交易日-早8晚6", None),
    ("工作日-早8晚1", None),
    ("工作日-早25晚6", None),
    ("工作日1800-0800", None),
    ("工作日0800-0875", None),
    ("周五至周一0800-1800", None),
    ("2026-11-01", None),
    (datetime(2026, 11, 1), None),
    ("选填", None),
    (None, None),
    ("x" * 40_000, None),
]

WORDS: list[tuple[object, str, object]] = [
    ("TCP", "protocol", "tcp"),
    (" tcp ", "protocol", "tcp"),
    ("ＵＤＰ", "protocol", "udp"),
    ("ICMP", "protocol", "icmp"),
    ("TCP/UDP", "protocol", "tcp+udp"),
    ("TCP&UDP", "protocol", "tcp+udp"),
    ("UDP、TCP", "protocol", "tcp+udp"),
    ("any", "protocol", "any"),
    (37791, "protocol", None),
    ("SCTP", "protocol", None),
    ("TCP/ICMP", "protocol", None),
    ("/", "protocol", None),
    (None, "protocol", None),
    ("新增", "action", "add"),
    ("新增 ", "action", "add"),
    ("删除", "action", "delete"),
    ("变更", "action", None),
    ("新增/删除", "action", None),
    (None, "action", None),
    ("行业云", "zone", "行业云"),
    (" 行 业 云", "zone", "行业云"),
    ("证联网测试网", "zone", "证联网-测试"),
    ("证联网－测试", "zone", "证联网-测试"),
    ("火星", "zone", ""),
    ("2026-11-22", "date", "2026-11-22"),
    ("2026年1月2日", "date", "2026-01-02"),
    (datetime(2026, 1, 2, 3, 4), "date", "2026-01-02"),
    ("长期", "date", None),
    ("2026-13-01", "date", None),
]


def _told(reading: Reading[tuple[str, ...]]) -> str:
    text = " ".join(reading.value) if reading.kind == "list" else reading.kind
    levels = sorted({note.level for note in reading.notes})
    return f"{text} !{','.join(levels)}" if levels else text


@pytest.mark.parametrize(("cell", "told"), ADDRESSES, ids=lambda v: repr(v)[:30])
def test_an_address_cell(cell: object, told: str) -> None:
    """An address cell reads as the corpus says, with notes of just these levels."""
    assert _told(read_addresses(cell)) == told


@pytest.mark.parametrize(("cell", "told"), PORTS, ids=lambda v: repr(v)[:30])
def test_a_port_cell(cell: object, told: str) -> None:
    """A port cell reads as the corpus says, with notes of just these levels."""
    assert _told(read_ports(cell)) == told


@pytest.mark.parametrize(("cell", "told"), SCHEDULES, ids=lambda v: repr(v)[:30])
def test_a_schedule_cell(cell: object, told: str | None) -> None:
    """A schedule reads as weekly periods; what is unclear is None and never "always"."""
    schedule = read_schedule(cell).value
    if told is None:
        assert schedule is None
    else:
        assert schedule is not None
        assert ", ".join(f"{p.days[0]}-{p.days[-1]} {p.start}-{p.end}" for p in schedule.periods) == told


@pytest.mark.parametrize(("cell", "grammar", "value"), WORDS)
def test_a_word_cell(cell: object, grammar: str, value: object, zones: Mapping[str, str]) -> None:
    """Protocol, operation, zone and date cells read as the corpus says."""
    match grammar:
        case "protocol":
            assert read_protocol(cell).value == value
        case "action":
            assert read_action(cell).value == value
        case "date":
            assert read_date(cell).value == value
        case _:
            assert read_zone(cell, zones).value == value


def test_a_weekend_past_midnight_ends_on_monday() -> None:
    """The day after Sunday is Monday, and the day after Saturday is Sunday."""
    schedule = read_schedule("周末-早8次3").value
    assert schedule is not None
    assert schedule.periods[1].days == ("mon", "sun")


def test_a_proposal_for_a_part_of_a_cell_keeps_the_rest() -> None:
    """Confirming the proposal reads the whole cell, not only the part that was odd."""
    (note,) = read_addresses("10.0.0.1\nhttps://update.example.com/x").notes
    assert note.proposal is not None
    assert read_addresses(note.proposal).value == ("10.0.0.1/32", "update.example.com")


def test_a_message_never_repeats_a_whole_hostile_cell() -> None:
    """However long a cell, what is said of it is short."""
    for reading in (read_addresses("x" * 30_000), read_ports("9" * 30_000), read_schedule("y" * 30_000)):
        assert all(len(note.problem) < TEXT_LIMIT for note in reading.notes)


def test_free_text_is_stable() -> None:
    """Cleaning text twice changes nothing more."""
    for text in ("a \u200b b", "\x00x\x1f y", "选填\u200b", "长 " * 600, "\u202eabc", "/"):
        once = free_text(text)
        assert free_text(once) == once
        assert len(once) <= TEXT_LIMIT
