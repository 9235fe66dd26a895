"""The JSON schema of site.yaml for editors: the file that editors read is what the checker's shapes give."""

import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from test_site import BROKEN, GOOD

from nornir_itsm.settings.schema import site_schema

INVENTORY = Path(__file__).parents[2] / "inventory"


TYPES: dict[str, type] = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
WORDS = {"$defs", "$schema", "title", "description", "default", "type", "properties", "required", "items"}
WORDS |= {"additionalProperties", "propertyNames", "anyOf", "enum", "const"}


def fits(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    """Say whether a value fits; a word of JSON Schema that is not known here is an error."""
    schema = root["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    assert set(schema) <= WORDS, set(schema) - WORDS
    if "anyOf" in schema:
        return any(fits(value, one, root) for one in schema["anyOf"])
    if schema.get("type") == "null":
        return value is None
    wanted = TYPES.get(schema.get("type", ""), object)
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        return False
    if wanted is list:
        return all(fits(item, schema.get("items", {}), root) for item in value)
    if wanted is dict:
        return _object_fits(value, schema, root)
    allowed = schema.get("enum", [schema["const"]] if "const" in schema else None)
    return allowed is None or value in allowed


def _object_fits(value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any]) -> bool:
    own, more = schema.get("properties", {}), schema.get("additionalProperties", True)
    if not set(schema.get("required", ())) <= set(value):
        return False
    if not all(fits(key, schema.get("propertyNames", {}), root) for key in value):
        return False
    for key, item in value.items():
        if key in own and not fits(item, own[key], root):
            return False
        if key not in own and (more is False or (isinstance(more, dict) and not fits(item, more, root))):
            return False
    return True


def test_the_file_is_what_the_shapes_give() -> None:
    """``site schema > inventory/site.schema.json`` after a change of the shapes; site.yaml points at it."""
    file = INVENTORY / "site.schema.json"
    assert json.loads(file.read_text("utf-8")) == site_schema()
    first = (INVENTORY / "site.yaml").read_text("utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema={file.name}"


def test_the_example_fits() -> None:
    """An editor finds nothing wrong with the site that comes with the project."""
    example = YAML(typ="safe").load((INVENTORY / "site.yaml").read_text("utf-8"))
    assert fits(example, site_schema(), site_schema())
    assert fits(YAML(typ="safe").load(GOOD), site_schema(), site_schema())


SHAPE = ("unknown key", "missing key", "missing naming", "no role", "belongs", "of no kind")
"""What an editor sees too; the rest holds between the parts, which only the checker knows."""


@pytest.mark.parametrize("case", [case for case in BROKEN if any(word in case for word in SHAPE)])
def test_editor_and_checker_refuse_the_same_shapes(case: str) -> None:
    """Unknown and missing keys, wrong types and words are wrong for both."""
    before, after = BROKEN[case][:2]
    assert not fits(YAML(typ="safe").load(GOOD.replace(before, after, 1)), site_schema(), site_schema())
