"""The folder ``ttp_templates/<platform>/<command>.ttp``: found, read once, and asked by command."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from nornir_itsm.errors import ConfigError
from nornir_itsm.model.collected import Parsed
from nornir_itsm.stages.process import processed, template_for
from nornir_itsm.stages.process.program import ROWS

SUFFIX = ".ttp"
_SAME = {
    **dict.fromkeys(("huawei", "huawei_vrpv8", "huawei_usg"), "huawei_vrp"),
    **dict.fromkeys(("h3c_comware", "h3c"), "hp_comware"),
    **{"ios": "cisco_ios", "cisco_xe": "cisco_ios", "nxos": "cisco_nxos", "hillstone": "hillstone_stoneos"},
}
"""Other names of platforms (netmiko, NAPALM) whose output is read by the same templates."""


def own_folder() -> Path:
    """Return the templates that come with the package: inside it, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "ttp_templates"
    return inside if inside.is_dir() else package.parent / "ttp_templates"


@lru_cache(maxsize=16)
def read_templates(folder: Path) -> Mapping[str, Mapping[str, str]]:
    """Return platform -> command as a file's name -> text. Read once in a process. Raises ConfigError.

    Templates without a group of rows are for other readers (``stages.parse``) and left out.
    """
    try:
        return {place.name: _rows_of(place) for place in sorted(folder.iterdir()) if place.is_dir()}
    except (OSError, UnicodeDecodeError) as error:
        hint = "see user_defined.itsm.ttp_templates"
        raise ConfigError(str(folder), f"the templates cannot be read: {error}", hint) from None


def _rows_of(place: Path) -> Mapping[str, str]:
    texts = {file.stem: file.read_text("utf-8") for file in sorted(place.glob(f"*{SUFFIX}"))}
    return {command: text for command, text in texts.items() if f'name="{ROWS}*"' in text}


def template_text(platform: str, command: str, folder: Path) -> str | None:
    """Return the template for a command of a platform; None where nobody wrote one."""
    templates = read_templates(folder)
    own = templates.get(platform)
    found = template_for(command, own) if own else None
    same = templates.get(_SAME.get(platform, ""))
    return found if found or not same else template_for(command, same)


def parse_output(platform: str, command: str, text: str, folder: Path) -> Parsed | None:
    """Return the table of an answer; None where there is no template for the command."""
    template = template_text(platform, command, folder)
    return None if template is None else processed(template, command, text)


def demand_output(platform: str, command: str, text: str, folder: Path) -> Parsed:
    """Return the table of an answer. Raises ConfigError that names the templates where there is none."""
    parsed = parse_output(platform, command, text, folder)
    if parsed is not None:
        return parsed
    templates = read_templates(folder)
    listed = templates.get(_SAME.get(platform, platform)) or templates.get(platform)
    if listed is None:
        hint = f"known: {', '.join(templates)}"
        raise ConfigError(platform, "there are no templates for this platform", hint)
    known = ", ".join(name.replace("_", " ") for name in listed)
    raise ConfigError(f"{platform} {command}", "there is no template for this command", f"known: {known}")
