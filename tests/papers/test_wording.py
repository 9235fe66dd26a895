"""Words that depend on the plan: positions, verbs, old and new values, risk, two languages."""

import copy
import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from nornir_itsm.model.intent import Anchor, SecurityRule
from nornir_itsm.papers.bundle import Paper
from nornir_itsm.stages.document.language import Language
from nornir_itsm.stages.document.picture import svg
from tests.papers.desk import FORMS, PROJECT, paper

CHINESE = re.compile("[\u4e00-\u9fff]")


def anchored(anchor: Anchor) -> Paper:
    """Return the papers of an order whose new rules stand at another place."""
    made = paper(FORMS[4])
    changes = tuple(
        replace(
            c,
            intents=tuple(replace(i, anchor=anchor) if isinstance(i, SecurityRule) else i for i in c.intents),
        )
        for c in made.plan.changes
    )
    return replace(made, plan=replace(made.plan, changes=changes))


@pytest.mark.parametrize(
    ("anchor", "said"),
    [
        (Anchor("before", "甲"), "位于 “甲” 之上"),
        (Anchor("after", "甲"), "位于 “甲” 之下"),
        (Anchor("first"), "最前"),
        (Anchor("last"), "最后"),
    ],
)
def test_a_position_is_said_as_it_is_meant(anchor: Anchor, said: str) -> None:
    """Below is not above, neither in the steps nor in the checks and the verification."""
    text = anchored(anchor).markdown()
    text = text[text.index("\n### 2. DC1-ISP-FW01") : text.index("\n## 整体验证")]
    assert text.count(said) == (3 if anchor.name else 2)
    others = {"位于 “甲” 之上", "位于 “甲” 之下", "最前", "最后"} - {said}
    assert not [other for other in others if other in text]


def test_an_existing_object_gets_members_and_loses_them_again() -> None:
    """Not the whole list of the API: what is added, and on the way back what is removed."""
    text = paper(FORMS[3]).markdown()
    assert "地址集 “EIP-示例期货公司A3-(213-53)” 增加成员" in text.replace("\\", "")
    assert "地址集 “EIP-示例期货公司A3-(213-53)” 移除成员" in text.replace("\\", "")
    assert "| 增加 | 10.70.18.48 |" in text
    assert "| 移除 | 10.70.18.48 |" in text


def test_our_own_words_are_english_in_english() -> None:
    """Chinese is left only where the site, the order or a device says it: no word of the file is Chinese."""
    words = tomllib.loads((PROJECT / "templates/documents/words.en.toml").read_text("utf-8"))
    said = words.pop("said")
    assert not [key for held in words.values() for key, text in held.items() if CHINESE.search(text)]
    assert not [text for _, text in (*said["whole"], *said["pieces"]) if CHINESE.search(text)]


def test_a_sentence_is_translated_whole_or_not_at_all() -> None:
    """A name between quotes stays; a sentence that no pattern knows is not half translated."""
    text = (PROJECT / "templates/documents/words.en.toml").read_text("utf-8")
    say = Language.of(text, "words.en.toml")
    assert say.of_plan("除 192.0.2.1 外的任意 → 192.0.2.2 TCP 443") == "any but 192.0.2.1 → 192.0.2.2 TCP 443"
    blocked = "任意 → 192.0.2.2 TCP 443：FW 的“任意封禁”先行匹配（受保护）"
    assert say.of_plan(blocked) == "any → 192.0.2.2 TCP 443: FW, rule “任意封禁” matches first (protected)"
    assert say.of_plan("a → b TCP 1 周一二三 08:00-18:00") == "a → b TCP 1 Mon Tue Wed 08:00-18:00"
    assert say.of_plan("请确认任意、任意服务") == "请确认任意、任意服务"


def test_a_document_grows_with_its_order_and_no_faster(tmp_path: Path) -> None:
    """What is true of the order as a whole is said once: twice the demands are about twice the text."""
    form = json.loads((PROJECT / "tests/orders/AE-17.json").read_text("utf-8"))
    sizes = []
    for count in (8, 16):
        rows = [copy.deepcopy(form["requests"][0]) for _ in range(count)]
        for number, row in enumerate(rows):
            row |= {"id": f"R{number + 1}", "row": 10 + number}
            row["public"]["ports"], row["destination"]["ports"] = (
                [str(20000 + 7 * number)],
                [str(21000 + 3 * number)],
            )
            row["source"]["addresses"] = [f"192.0.2.{number + 1}/32"]
        file = tmp_path / f"{count}.json"
        file.write_text(json.dumps({**form, "requests": rows}), "utf-8")
        sizes.append(len(paper(file).markdown()))
    assert sizes[1] < 2.2 * sizes[0]


def test_a_picture_needs_nothing_from_elsewhere() -> None:
    """An SVG without links, scripts or fonts of its own; what opens stands in it."""
    held = paper(FORMS[3]).draft.pictures["D1"]
    drawn = svg(held)
    assert not re.search(r"href|<script|url\(|@import|<image|foreignObject", drawn)
    assert all(point in drawn for point in ("DC1-ISP-FW01", "DC1-ISP-LB01"))
    assert "192.0.2.131" in drawn
