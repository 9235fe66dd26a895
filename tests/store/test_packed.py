"""What is packed into the store comes out of it the same."""

from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.model.collected import Anomaly, Line, Output, Parsed
from nornir_itsm.snapshots import packed

from .examples import LATER, NOW

COLUMNS = (
    "command",
    "started",
    "finished",
    "text",
    "table_name",
    "row_count",
    "lost",
    "table_rows",
    "doubts",
)
texts = st.text(st.characters(codec="utf-8"), max_size=30)
values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | texts
    | st.lists(texts, max_size=3)
)
lines = st.lists(st.builds(Line, st.integers(1, 9999), texts), max_size=3).map(tuple)
parsed = st.builds(
    Parsed,
    texts,
    st.lists(st.dictionaries(texts, values, max_size=4), max_size=3).map(tuple),
    st.lists(st.builds(Anomaly, texts, lines), max_size=2).map(tuple),
    lines,
)


@given(st.builds(Output, texts, texts, st.just(NOW), st.just(LATER), st.none() | parsed))
def test_an_output_comes_back(output: Output) -> None:
    """Text, rows of every kind of value, doubts with their lines, or that nobody parsed it."""
    row = dict(zip(COLUMNS, packed.columns(output), strict=True))
    assert packed.output(row) == output
    assert row["lost"] == (
        0 if output.parsed is None else len(output.parsed.unread) + len(output.parsed.anomalies)
    )


@given(st.text(max_size=30))
def test_text_that_is_no_clean_unicode_can_be_kept(text: str) -> None:
    """What cannot be encoded stays readable; nothing raises."""
    assert packed.plain(packed.text(text)) == text.encode("utf-8", "backslashreplace").decode()
