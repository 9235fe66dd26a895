"""CPU time of three answers of a switch as rows, against TTP with the same templates, in the same run.

Prints one JSON object. ``cpu``: TTP with its object kept, over ours; ``rebuilt``: TTP with an object per
answer, as ``send_command(use_ttp=True)`` makes it; ``compare``: DeepDiff of 10,000 rows by their key, over
ours. Above 1 ours is better. Ours also normalises, checks, counts and accounts for every line; TTP's rows are
text.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nornir_itsm.stages.process import processed
from nornir_itsm.stages.process.compare import compare

ROOT = Path(__file__).parents[1]
ROUNDS, REPEATS, ROWS = 9, 40, 10_000
PORTS = "".join(
    f"GigabitEthernet0/0/{n:<9} up    up        0.01%  0.01%          0          0\n" for n in range(1, 49)
)
ENTRIES = "".join(
    f"10.1.10.{n:<7} 00e0-fc12-{n:04x}  18        D-0         GE0/0/{n}\n{' ' * 42}10/-\n"
    for n in range(1, 41)
)
ANSWERS = {
    "display_version": (ROOT / "tests/stages/process/cases/huawei_vrp/display_version.txt").read_text(
        "utf-8"
    ),
    "display_interface_brief": (
        "PHY: Physical\n*down: administratively down\nInUti/OutUti: input utility/output utility\n"
        "Interface                   PHY   Protocol  InUti OutUti   inErrors  outErrors\n" + PORTS
    ),
    "display_arp": (
        "IP ADDRESS      MAC ADDRESS     EXPIRE(M) TYPE        INTERFACE   VPN-INSTANCE\n"
        f"{'-' * 78}\n{ENTRIES}{'-' * 78}\nTotal:40        Dynamic:40      Static:0     Interface:0\n"
    ),
}
WANTED = {"display_version": 1, "display_interface_brief": 48, "display_arp": 40}


def cpu(work: Callable[[], None], repeats: int = 1) -> float:
    """CPU seconds of one repeat."""
    began = time.process_time()
    for _ in range(repeats):
        work()
    return (time.process_time() - began) / repeats


def main() -> None:
    """Measure and print."""
    from deepdiff import DeepDiff
    from ttp import ttp

    make: Any = ttp
    texts = {name: (ROOT / f"ttp_templates/huawei_vrp/{name}.ttp").read_text("utf-8") for name in ANSWERS}

    def built(name: str) -> Any:
        return make(template="\n" + texts[name], log_level="ERROR")

    kept = {name: built(name) for name in ANSWERS}

    def count(name: str, rows: Any) -> None:
        found = len(rows) if isinstance(rows, list | tuple) else 1
        if found != WANTED[name]:
            sys.exit(f"{name}: {found} rows instead of {WANTED[name]}")

    def ours() -> None:
        for name, text in ANSWERS.items():
            parsed = processed(texts[name], name.replace("_", " "), text)
            if not parsed.whole:
                sys.exit(f"{name}: {parsed.unread} {parsed.anomalies}")
            count(name, parsed.rows)

    def run(parser: Any, name: str, text: str) -> None:
        parser.clear_input()
        parser.clear_result()
        parser.add_input("\n" + text)
        parser.parse(one=True)
        count(name, parser.result(structure="flat_list")[0]["rows"])

    def reused() -> None:
        for name, text in ANSWERS.items():
            run(kept[name], name, text)

    def rebuilt() -> None:
        for name, text in ANSWERS.items():
            run(built(name), name, text)

    old = [
        {"vlan": 1, "mac": f"{n:012x}", "interface": f"GE0/0/{n % 48}", "kind": "dynamic"}
        for n in range(ROWS)
    ]
    new = [{**row, "kind": "static"} if n % 100 == 0 else dict(row) for n, row in enumerate(old)][::-1]

    def differences() -> None:
        if len(compare("macs", old, new).changed) != ROWS // 100:
            sys.exit("compare: not what was changed")

    def deep() -> None:
        before, after = ({(row["vlan"], row["mac"]): row for row in rows} for rows in (old, new))
        if len(DeepDiff(before, after)["values_changed"]) != ROWS // 100:
            sys.exit("DeepDiff: not what was changed")

    works = {"ours": (ours, REPEATS), "reused": (reused, REPEATS), "rebuilt": (rebuilt, 3)}
    rounds = [{name: cpu(*work) for name, work in works.items()} for _ in range(ROUNDS + 1)]
    took = {name: statistics.median(each[name] for each in rounds[1:]) for name in works}
    took |= {"compare": min(cpu(differences) for _ in range(3)), "deepdiff": min(cpu(deep) for _ in range(2))}
    ratios = {
        "cpu": took["reused"] / took["ours"],
        "rebuilt": took["rebuilt"] / took["ours"],
        "compare": took["deepdiff"] / took["compare"],
    }
    result = {
        "name": "parse",
        "ratios": {name: round(ratio, 2) for name, ratio in ratios.items()},
        "figures": {f"{name}_cpu_ms": round(seconds * 1000, 3) for name, seconds in took.items()},
        "peer": "ttp 0.10, deepdiff 9",
        "n": sum(WANTED.values()),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
