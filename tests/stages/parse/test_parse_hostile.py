"""Whatever comes instead of an export or a configuration, the answer is facts or an error that says where."""

import contextlib
import copy
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stoneos_printer import TEMPLATE, documents, printed

from nornir_itsm.errors import SourceError
from nornir_itsm.stages.parse.cloud_json import cloud_facts
from nornir_itsm.stages.parse.ipam_json import ipam_facts, noted_bindings
from nornir_itsm.stages.parse.sangfor_json import adc_facts
from nornir_itsm.stages.parse.stoneos_json import firewall_facts
from nornir_itsm.stages.parse.stoneos_text import firewall_facts as text_facts
from nornir_itsm.stages.parse.stoneos_text import unparsed
from nornir_itsm.stages.parse.ttp_records import records

Parser = Callable[[Mapping[str, object]], object]
PARSERS: dict[str, Parser] = {
    "firewall_edge": firewall_facts,
    "adc": adc_facts,
    "cloud": cloud_facts,
    "ipam": lambda docs: noted_bindings(ipam_facts(docs)),
}
JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        st.text(max_size=5),
        st.sampled_from(["Any", "0", "-1", "99999999999999999999", "1-0", "٣", "\ud800", "a\nb", "...", "~"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(st.sampled_from(["name", "member", "result", "items", "type"]), inner, max_size=2),
    ),
    max_leaves=3,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inner:
        yield from _places(below, (*path, key))


def _small(docs: dict[str, Any]) -> dict[str, Any]:
    """Keep the first records of each document, which have every kind of place."""

    def cut(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: cut(inner) for key, inner in value.items()}
        return [cut(item) for item in value[:3]] if isinstance(value, list) else value

    return {name: cut(doc) for name, doc in docs.items()}


@pytest.mark.parametrize("folder", PARSERS)
def test_a_damaged_export_never_ends_in_a_traceback(folder: str) -> None:
    """Any value anywhere in an export is read, or refused with the place."""
    docs = _small(documents(folder))
    places = [path for path in _places(docs) if path]

    @settings(max_examples=250, deadline=None)
    @given(st.sampled_from(places), JSON)
    def damaged(path: tuple[Any, ...], value: Any) -> None:
        broken = copy.deepcopy(docs)
        below: Any = broken
        for key in path[:-1]:
            below = below[key]
        below[path[-1]] = value
        with contextlib.suppress(SourceError):
            PARSERS[folder](broken)

    damaged()


LINES = (*printed(documents("firewall_edge")).split("\n")[5:], "  x", "}}", "{{ a }}", '  ip "', "\\")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=30), st.text(max_size=20))
def test_shuffled_lines_never_end_in_a_traceback(lines: list[str], noise: str) -> None:
    """Lines in any order, with anything between, are read or refused."""
    text = "\n".join([*lines, noise, *lines[::-1], "End"])
    with contextlib.suppress(SourceError):
        text_facts(text, TEMPLATE)
        unparsed(text)


def test_text_that_is_the_name_of_a_file_is_text(tmp_path: Path) -> None:
    """TTP reads a file where text is its name; ours does not."""
    secret = tmp_path / "secret"
    secret.write_text('address "leaked"\n  ip 10.0.0.1/32\nexit\n')
    assert records(TEMPLATE, str(secret)) == {}


@pytest.mark.parametrize(
    "template",
    [
        '<group name="a*">\nx {{ y | re("a|b") }}\n</group>',
        '<group name="a*">\nx {{ y | macro("none") }}\n',
        '<group name="a*" nosuch="1">\nx {{ y }}\n</group>',
        "{{ | }}",
    ],
)
def test_a_broken_template_is_an_error_and_not_the_end(template: str) -> None:
    """TTP ends the process for some mistakes; here each is an error with a hint."""
    with pytest.raises(SourceError, match=r"TTP template|loses lines"):
        text_facts('address "a"\n  ip 10.0.0.1/32\nexit\nEnd\n', template)
