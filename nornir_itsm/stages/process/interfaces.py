"""Names of interfaces in one notation: what several vendors have under several words has one word here.

``GE0/0/1``, ``Gi0/0/1`` -> ``GigabitEthernet0/0/1``; ``XGE``, ``10GE``, ``Te`` -> ``TenGigabitEthernet``;
``Vlanif10``, ``Vlan-interface10`` -> ``Vlan10``; ``Eth-Trunk1``, ``BAGG1``, ``Po1`` -> ``Aggregation1``.
Names that are not known (``ens3``, ``mgmt0``, ``Outside``) stay as they are. The words are those of the
vendors' configuration and ``display``/``show`` output (Huawei V5 and CE, Comware 7, IOS, NX-OS, StoneOS).
"""

import re
from functools import lru_cache

_WORDS = {
    "Ethernet": "ethernet eth",
    "FastEthernet": "fastethernet fa fas",
    "GigabitEthernet": "gigabitethernet ge gi gig",
    "TenGigabitEthernet": "tengigabitethernet ten-gigabitethernet xgigabitethernet xge xg te ten 10ge",
    "TwentyFiveGigabitEthernet": "twentyfivegige twentyfivegigabitethernet twenty-fivegige wge twe 25ge",
    "FortyGigabitEthernet": "fortygige fortygigabitethernet fge fo 40ge",
    "FiftyGigabitEthernet": "fiftygige 50ge",
    "HundredGigabitEthernet": "hundredgige hundredgigabitethernet hge hu 100ge",
    "TwoHundredGigabitEthernet": "twohundredgige 200ge",
    "FourHundredGigabitEthernet": "fourhundredgige 400ge",
    "ManagementEthernet": "meth m-gigabitethernet m-ge mge m-ethernet",
    "Vlan": "vlan vlanif vlan-interface vlan-int vl",
    "Aggregation": "eth-trunk bridge-aggregation bagg port-channel po aggregate aggregation",
    "Route-Aggregation": "route-aggregation ragg",
    "LoopBack": "loopback loop lo",
    "InLoopBack": "inloopback inloop inloop0",
    "Null": "null nu",
    "Tunnel": "tunnel tun tu",
    "Vbdif": "vbdif",
    "Nve": "nve",
}
_KINDS = {word: kind for kind, words in _WORDS.items() for word in words.split()}
_NAME = re.compile(r"(\d{2,3}GE|[A-Za-z][A-Za-z-]*) ?(\d[\d/:.]*)", re.I)
_KERNEL = re.compile(r"(?:eth|lo|vlan|tun)\d+(?:\.\d+)?")
"""Names that a Linux kernel gives."""


@lru_cache(maxsize=65536)
def interface(text: str) -> str:
    """Return the name in this notation. Raises ValueError for what can be no name of an interface."""
    name = " ".join(text.split())
    if not name or len(name) > 80:
        raise ValueError(f"{text[:40]!r} is no interface")
    found = _NAME.fullmatch(name)
    if found is None or _KERNEL.fullmatch(name):
        if " " in name:
            raise ValueError(f"{text[:40]!r} is no interface")
        return name
    kind = _KINDS.get(found[1].lower())
    return f"{kind}{found[2]}" if kind else name.replace(" ", "")
