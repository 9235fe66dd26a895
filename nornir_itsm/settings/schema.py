"""site.yaml as JSON Schema, made from the very shapes that the checker reads it into.

What holds between the parts (a path's points are there, prefixes do not overlap) only ``site check`` knows.
"""

from typing import Any

from nornir_itsm.settings.site_shape import SiteShape

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def site_schema() -> dict[str, Any]:
    """Return the schema; JSON, in the order of the shapes."""
    from pydantic import TypeAdapter

    made = TypeAdapter(SiteShape).json_schema()
    about = {"$schema": DIALECT, "title": "site.yaml", "description": "What a site knows of itself."}
    return {**about, **{key: _untitled(value) for key, value in made.items() if key not in about}}


def _untitled(value: Any) -> Any:
    """Take titles out that only repeat a key; a property that is called title is a map and stays."""
    if isinstance(value, dict):
        return {k: _untitled(v) for k, v in value.items() if k != "title" or not isinstance(v, str)}
    return [_untitled(item) for item in value] if isinstance(value, list) else value
