"""A person who carries a change document out: types its blocks at the console, fills its fields into the GUI.

What he does wrong is told to him as an edit of the lines, or of the fields.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from nornir_itsm.lab import Lab
from nornir_itsm.lab.rig import ADC, FIREWALL
from nornir_itsm.lab.stoneos.shell import Shell

Fields = dict[str, str]
Lines = Callable[[list[str]], list[str]]
Gui = Callable[[Fields], Fields]

_LISTS = {
    "IPv4 地址": "addresses",
    "入接口链路": "inbound_links",
    "目的端口": "destination_ports",
}
_KINDS = {
    "目的地址转换": "/net/dnat",
    "用户地址集": "/rc/custom-address-group",
    "地址集": "/rc/custom-address-group",
}
_TITLE = re.compile(r"^\d+\. (?P<what>新建|修改)?(?P<kind>\S+) “(?P<name>.+?)”")
_FIELD = re.compile(r"^(?:   - (?P<label>[^：]+)：|\| (?P<column>[^|]+) \| )(?P<value>.+?)(?: \|)?$")
"""A field in a list, or in a table."""
_FILES = {
    "dnat": "/net/dnat",
    "snat": "/net/snat",
    "custom_addresses": "/rc/custom-address-group",
    "policy_routes": "/lc/policy-route",
}


def carry_out(document: str, lab: Lab, lines: Lines = list, fields: Gui = dict, *, but: str = "") -> None:
    """Carry a document out, device by device in its order, and save; leave one device out."""
    for device, steps in _sections(document):
        if device == but:
            continue
        if block := re.search(r"```text\n(.*?)```", steps, re.S):
            _type(lab, device, lines(block[1].splitlines()))
        for title, filled in _gui(steps):
            _fill(lab, title, fields(filled))


def export(lab: Lab, before: Path, target: Path) -> Path:
    """Take exports of the devices as the consoles give them; cloud and IPAM are as before."""
    for folder in ("cloud", "ipam"):
        (target / folder).mkdir(parents=True)
        for file in (before / folder).iterdir():
            (target / folder / file.name).write_bytes(file.read_bytes())
    wall = target / "firewall_edge"
    wall.mkdir()
    (wall / "running.cfg").write_text(lab.device(FIREWALL).running_text(), "utf-8")  # type: ignore[union-attr]
    (target / "adc").mkdir()
    for name, path in _FILES.items():
        found = _call(lab, "GET", f"{path}?all_properties=true")
        (target / "adc" / f"{name}.json").write_text(json.dumps(found), "utf-8")
    return target


def correct(lab: Lab, path: str, ports: str) -> None:
    """Put the ports of a translation right in the GUI."""
    place = "/".join(quote(part, safe="") for part in path.split("/"))
    body = _call(lab, "GET", f"{place}?all_properties=true")
    body["destination_ports"] = body["dnat_process"]["translated_ports"] = [ports]
    _call(lab, "PUT", place, body)


def _sections(document: str) -> Iterator[tuple[str, str]]:
    text = document[document.index("\n## 变更方案") + 1 :].split("\n## ", maxsplit=1)[0]
    for part in re.split(r"\n### \d+\. ", text)[1:]:
        found = re.search(r"#### 实施步骤\n(.*?)#### 验证", part, re.S)
        if found:
            yield part.split("（")[0], found[1]


def _type(lab: Lab, device: str, lines: list[str]) -> None:
    shell = Shell(lab.firewalls[device])
    for line in lines:
        shell.answer(line)
    if lines[-1] == "save":
        for answer in ("y", "n"):
            shell.answer(answer)


def _gui(steps: str) -> Iterator[tuple[re.Match[str], Fields]]:
    """Yield the forms to be filled in: the line that says which, and its fields."""
    title: re.Match[str] | None = None
    filled: Fields = {}
    for line in (re.sub(r"\\(.)", r"\1", one.replace("**", "")) for one in steps.splitlines()):
        if found := _TITLE.match(line):
            if title:
                yield title, filled
            title, filled = found, {}
        elif (found := _FIELD.match(line)) and title:
            filled[found["label"] or found["column"]] = found["value"]
    if title:
        yield title, filled


def _fill(lab: Lab, title: re.Match[str], fields: Fields) -> None:
    """Do in the API what a person does in the form that the GUI shows."""
    path, name = _KINDS[title["kind"]], title["name"]
    body: dict[str, Any] = {"name": name}
    body |= {key: fields[label].split("、") for label, key in _LISTS.items() if label in fields}
    if path == "/net/dnat":
        ports = {"translated_ports": fields["转换后端口"].split("、")}
        target = {"type": "IP-ADDRESS", "address": fields["转换后地址"]}
        body |= {
            "state": {"启用": "ENABLE", "禁用": "DISABLE"}[fields["状态"]],
            "type": "IPV4",
            "source_address": _address(fields["源地址"]),
            "destination_address": _address(fields["目的地址"]),
            "protocol": fields["协议"],
            "dnat_process": {"translated_address": target, **ports},
        }
    if title["what"] == "新建":
        _call(lab, "POST", path, body)
        return
    place = f"{path}/{quote(name, safe='')}"
    there = _call(lab, "GET", f"{place}?all_properties=true")
    if "增加" in fields:
        body["addresses"] = [*there["addresses"], *fields["增加"].split("、")]
    _call(lab, "PUT", place, {**there, **body})


def _address(said: str) -> Mapping[str, str]:
    if said in ("全部", "任意"):
        return {"type": "ALL"}
    found = re.fullmatch(r"用户地址集(?:：(.+)|“(.+)”)", said)
    assert found, said
    return {"type": "CUSTOM-ADDRESS-GROUP", "ref_custom_address_group": found[1] or found[2]}


def _call(lab: Lab, method: str, path: str, body: Any = None) -> Any:
    """Call the controller as its own GUI does."""
    base = f"https://127.0.0.1:{lab.ports[ADC]}/api/ad/v3"
    password = (lab.directory / "adc.password").read_text()
    safe = {"auth": ("admin", password), "verify": str(lab.directory / "ca.pem")}
    answer = requests.request(method, base + path, json=body, timeout=10, **safe)  # type: ignore[arg-type]
    assert answer.ok, (method, path, answer.text)
    return answer.json() if answer.content else None
