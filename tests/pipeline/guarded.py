"""A lab whose paths lead through security groups of the cloud."""

import json
import shutil
from pathlib import Path
from typing import Any

from nornir_itsm.lab import Lab
from nornir_itsm.lab.rig import CLOUD

APP, QUOTE, SERVERS, SHARED = "sg-demoA-APP", "sg-demoA-QUOTE", "sg-vpc-democ1", "sg-vpc-demop1"
"""Of tenant A, one of them with one host; of tenant C; of the public services."""
POINT = f"""  {CLOUD}:
    platform: aliyun
    role: security_group
    snapshot: cloud
    menus: {{CloudRule: 云服务器 ECS > 网络与安全 > 安全组 > 安全组规则}}
"""


def rule(group: str, direction: str, policy: str, priority: int, **more: str) -> dict[str, Any]:
    """Return a rule as the cloud lists it."""
    peer = "SourceCidrIp" if direction == "ingress" else "DestCidrIp"
    usual = {"IpProtocol": "ALL", "PortRange": "-1/-1", peer: "0.0.0.0/0", "NicType": "intranet"}
    own = {"SecurityGroupId": group, "Direction": direction, "Policy": policy, "Priority": priority}
    id = f"sgr-{group}-{direction}-{priority}"
    return {"Description": "", "SecurityGroupRuleId": id, **usual, **own, **more}


RULES = (
    rule(QUOTE, "egress", "Drop", 100),
    rule(QUOTE, "ingress", "Accept", 1, IpProtocol="TCP", PortRange="22/22", SourceCidrIp="10.99.10.0/24"),
    rule(APP, "ingress", "Accept", 1, IpProtocol="TCP", PortRange="443/443"),
    rule(SERVERS, "ingress", "Drop", 100),
)


def _groups(snapshot: Path) -> list[dict[str, str]]:
    """Give every VPC a group of its own in the place of the one for all, and return the groups."""
    file = snapshot / "cloud" / "network_interfaces.json"
    document = json.loads(file.read_text("utf-8"))
    vpcs: dict[str, str] = {}
    for card in document["NetworkInterfaceSets"]["NetworkInterfaceSet"]:
        held = card["SecurityGroupIds"]["SecurityGroupId"]
        held[:] = [id if id != "sg-demo01" else f"sg-{card['VpcId']}" for id in held]
        vpcs |= dict.fromkeys(held, card["VpcId"])
    file.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    return [
        {"SecurityGroupId": id, "SecurityGroupName": id, "VpcId": vpc, "SecurityGroupType": "normal"}
        for id, vpc in sorted(vpcs.items())
    ]


def guarded(home: Path, project: Path) -> Lab:
    """Return a lab that is not started yet, on a copy of the example site in *home*."""
    snapshot, own = home / "snapshot", home / "project"
    shutil.copytree(project / "inventory" / "snapshot", snapshot)
    for name in ("templates", "ttp_templates", "runbooks"):
        (own / name).parent.mkdir(exist_ok=True)
        (own / name).symlink_to(project / name)
    for name, outer, inner, listed in (
        ("security_groups", "SecurityGroups", "SecurityGroup", _groups(snapshot)),
        ("security_group_rules", "Permissions", "Permission", [*RULES]),
    ):
        text = json.dumps({outer: {inner: listed}}, ensure_ascii=False)
        (snapshot / "cloud" / f"{name}.json").write_text(text, "utf-8")
    shutil.copytree(project / "inventory", own / "inventory", ignore=shutil.ignore_patterns("snapshot"))
    site = own / "inventory" / "site.yaml"
    text = site.read_text("utf-8").replace("\npoints:\n", f"\npoints:\n{POINT}", 1)
    first = "      - {point: DC1-ISP-FW01, source_zone: trust, destination_zone: untrust}\n"
    last = "      - {point: DC1-ISP-FW01, source_zone: untrust, destination_zone: trust}\n"
    hop = f"      - {{point: {CLOUD}}}\n"
    between = "      - {point: DC1-CORE-FW01, source_zone: Any, destination_zone: Any}\n"
    for old, new in ((first, hop + first), (last, last + hop), (between, hop + between)):
        assert old in text
        text = text.replace(old, new)
    site.write_text(text, "utf-8")
    return Lab(home / "lab", snapshot=snapshot, project=own)
