"""Which platform a device is: from tokens of its monitoring template, then of its name.

A keyword matches whole tokens (``c2960`` in ``ASW-C2960-7``), never a part of a word: ``hp`` alone says a
vendor and is nobody's keyword. The first line of the table that matches wins, so the controllers of servers
stand before the switches of the same vendor.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from nornir_itsm.errors import ConfigError
from nornir_itsm.platforms import PLATFORMS


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: keywords are lower-case words, several of them in a row where blanks stand."""

    platform: str
    template: tuple[str, ...] = ()
    name: tuple[str, ...] = ()


def _models(letter: str, *numbers: str) -> tuple[str, ...]:
    """Return how models are written: 2960 and C2960."""
    return tuple(word for number in numbers for word in (number, letter + number))


TABLE = (
    Line("server_bmc", ("ilo", "idrac", "ibmc", "bmc", "ipmi", "proliant", "rack server"), ("bmc", "ilo")),
    Line("hillstone_stoneos", ("hillstone", "stoneos"), ("hillstone", "sg6000")),
    Line("sangfor_ad", ("sangfor ad",), ()),
    Line("cisco_nxos", ("cisco nxos", "cisco nx os", "n3548"), ("n3548", "nxos")),
    Line("cisco_ios", ("cisco ios",), ("cisco", *_models("c", "3750", "3850", "2960", "4500", "4948"))),
    Line(
        "huawei_vrp",
        ("huawei vrp",),
        ("huawei", "eudemon", "s5700", "s6700", "s7700", "s9300", "hw5720", "hw8861"),
    ),
    Line("juniper_screenos", ("screenos",), ("j1000", "j2000")),
    Line("juniper_junos", ("juniper", "junos"), ("juniper", "j5100")),
    Line(
        "hp_comware",
        ("hp comware", "comware", "h3c"),
        ("h3c", "comware", *_models("s", "5130", "5560", "6520", "3610"), "u5200", "u7800"),
    ),
    Line("hp_procurve", ("procurve",), ("procurve",)),
    Line("linux", ("linux",), ("linux",)),
    Line("windows", ("windows",), ("windows",)),
)
"""The usual table; the option ``recognition`` puts another in its place."""

UNKNOWN = "generic_termserver"
NETWORK = frozenset({*PLATFORMS, *(line.platform for line in TABLE)} - {"server_bmc", "linux", "windows"})
"""Platforms of network devices: an explicit list, without what was not recognised."""


class Recognition(NamedTuple):
    """A platform and what told it: ``column`` (its own), ``template``, ``name`` or nothing."""

    platform: str
    by: str = ""
    keyword: str = ""


class Recogniser:
    """A table at work; what it said of a template is remembered, for thousands of devices share a few."""

    def __init__(self, table: Sequence[Line] = TABLE) -> None:
        """Index the table."""
        self._table = table
        self._phrases = {
            by: [(line.platform, f" {word} ", word) for line in table for word in getattr(line, by)]
            for by in ("template", "name")
        }
        self._templates: dict[str, Recognition | None] = {}

    @property
    def platforms(self) -> frozenset[str]:
        """Every platform that may be named."""
        return frozenset({*PLATFORMS, *(line.platform for line in (*self._table, *TABLE)), UNKNOWN})

    def recognise(self, template: str, name: str) -> Recognition:
        """Return the platform of a device that does not say it itself."""
        if template not in self._templates:
            self._templates[template] = self._by("template", template)
        return self._templates[template] or self._by("name", name) or Recognition(UNKNOWN)

    def _by(self, by: str, text: str) -> Recognition | None:
        if not text:
            return None
        words = tokens(text)
        hits = (
            Recognition(platform, by, word) for platform, phrase, word in self._phrases[by] if phrase in words
        )
        return next(hits, None)


def tokens(text: str) -> str:
    """Return the words of *text*, lower-case, each between blanks."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = re.split(r"[\W_]+", folded)
    return f" {' '.join(word for word in words if word)} "


def table_from(option: Sequence[Mapping[str, Any]], where: str) -> tuple[Line, ...]:
    """Return the table of a configuration: ``[{platform: cisco_ios, template: [...], name: [...]}]``."""
    lines = []
    for number, entry in enumerate(option, start=1):
        known = isinstance(entry, Mapping) and isinstance(entry.get("platform"), str)
        words = {key: entry.get(key, ()) for key in ("template", "name")} if known else {}
        good = all(isinstance(w, list | tuple) and all(isinstance(x, str) for x in w) for w in words.values())
        if not known or not good or set(entry) - {"platform", "template", "name"}:
            hint = "write {platform: cisco_ios, template: [cisco ios], name: [c2960]}"
            raise ConfigError(f"{where} recognition, line {number}", "is no line of the table", hint)
        split = {key: tuple(tokens(word).strip() for word in value) for key, value in words.items()}
        lines.append(Line(entry["platform"], **split))
    return tuple(lines)
