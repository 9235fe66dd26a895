"""Collecting and reading three commands of many devices: ours against plain nornir + nornir-netmiko with TTP.

Both talk to the same simulator, a process of its own, with 50 workers, and must find the same facts, checked
device by device against what the simulator's tables hold. Sides take turns; every figure is a median of
fresh processes, CPU seconds of that process alone (user and system).

Ours is the collection itself (task, admission, sharded runner with one process, templates of the project);
the peer is ``netmiko_send_command`` with ``use_ttp`` and templates written plainly for it. The floor is a
bare ssh2-python loop in 50 threads, without host keys, parsing or Nornir; ours is held against it without
parsing too. Prints one JSON object; ``ratios.cpu`` and ``wall`` are of the larger fleet, the figures name
the rest. ``collect.py N...`` takes other sizes.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[1]
SIZES = (200, 500)
MANY = 1000
ROUNDS = 5
WORKERS = 50
PLATFORM = "huawei_vrp"
COMMANDS = ("display version", "display interface brief", "display arp")
PLAIN = {
    "display version": "VRP (R) software, Version {{ version }} ({{ release | ORPHRASE }})",
    "display interface brief": (
        '<group name="rows*">\n'
        '{{ interface | contains("GigabitEthernet") }} {{ state }} {{ protocol }} {{ in_use }} {{ out_use }} '
        "{{ in_errors | DIGIT }} {{ out_errors | DIGIT }}\n</group>"
    ),
    "display arp": (
        '<group name="rows*">\n'
        "{{ address | IP }} {{ mac | MAC }} {{ age | DIGIT }} {{ kind }} {{ interface }}\n</group>"
    ),
}
"""The peer's templates, as one would write them by hand."""
PASSWORD = "NORNIR_ITSM_BENCH_PASSWORD"


@contextmanager
def simulator(devices: int) -> Iterator[dict[str, Any]]:
    """Run the crowd in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "nornir_itsm.lab.crowd",
        "--devices",
        str(devices),
        "--vendors",
        PLATFORM,
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        assert process.stdin is not None
        process.stdin.close()


def cpu_of(pid: int) -> float:
    """CPU seconds of another process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def expected(number: int) -> list[Any]:
    """What must be known of a device: release, interfaces with their state, neighbours."""
    from nornir_itsm.lab.crowd import printing

    interfaces = {p.name: "up" if p.up else "down" for p in printing.ports(number, "GigabitEthernet0/0/")}
    neighbours = {n.address: n.mac for n in printing.neighbours(number, "GE0/0/")}
    return [f"SPC{printing.release(number)}", interfaces, neighbours]


def bare_mac(text: str) -> str:
    """A MAC address as twelve digits."""
    return "".join(c for c in text.lower() if c in "0123456789abcdef")


def nornir_for(n: int, port: int, known: str, runner: Any) -> Any:
    """A Nornir of so many devices, the same for both sides."""
    from nornir.core import Nornir
    from nornir.core.inventory import ConnectionOptions, Defaults, Groups, Host, Hosts, Inventory
    from nornir.core.plugins.connections import ConnectionPluginRegister

    ConnectionPluginRegister.auto_register()
    strict = {"ssh_strict": True, "alt_host_keys": True, "alt_key_file": known}
    options = {"netmiko": ConnectionOptions(extras=strict)}
    secret = os.environ[PASSWORD] if runner else f"env:{PASSWORD}"  # netmiko knows no references

    def host(name: str) -> Host:
        return Host(
            name, hostname="127.0.0.1", port=port, username=name, password=secret, platform=PLATFORM,
            connection_options=dict(options),
        )  # fmt: skip

    names = [f"LAB-{number:04}" for number in range(1, n + 1)]
    return Nornir(Inventory(Hosts({name: host(name) for name in names}), Groups(), Defaults()), runner=runner)


def ours(n: int, port: int, known: str, parsing: bool) -> Callable[[], Mapping[str, Any]]:
    """The collection; returns host -> what was found."""
    from functools import partial

    import ssh2.session  # noqa: F401 - imports are not what is measured, on no side

    from nornir_itsm.cli import pace_collector
    from nornir_itsm.devices import drivers, sharded  # noqa: F401
    from nornir_itsm.devices.collector import Collector
    from nornir_itsm.devices.until import Until
    from nornir_itsm.model.questions import Gathered, Pace, Questions
    from nornir_itsm.sources.ttp_folder import parse_output

    pace_collector()  # as the command does
    parse = partial(parse_output, folder=PROJECT / "ttp_templates") if parsing else None
    questions = Questions({PLATFORM: {"all": COMMANDS}}, Pace(threads=WORKERS, attempts=1))
    collector = Collector(nornir_for(n, port, known, None), Path(known), questions, parse)
    found: dict[str, Any] = {}

    def landed(one: Gathered) -> None:
        if one.cause:
            sys.exit(f"ours: {one.collected.host}: {one.collected.problem}")
        found[one.collected.host] = [
            output.parsed if parsing else output.text for output in one.collected.outputs
        ]

    def run() -> Mapping[str, Any]:
        collector.run(collector.asked(), Until(), landed)
        return found

    return run


def peer(n: int, port: int, known: str, parsing: bool) -> Callable[[], Mapping[str, Any]]:
    """Plain nornir + nornir-netmiko."""
    import netmiko  # noqa: F401
    import ttp  # type: ignore[import-untyped] # noqa: F401
    from nornir.core.task import Result, Task
    from nornir.plugins.runners import ThreadedRunner
    from nornir_netmiko.tasks import netmiko_send_command

    nornir = nornir_for(n, port, known, ThreadedRunner(WORKERS))

    def collect(task: Task) -> Result:
        given = []
        for command in COMMANDS:
            more = (
                {"use_ttp": True, "ttp_template": PLAIN[command], "raise_parsing_error": True}
                if parsing
                else {}
            )
            given.append(task.run(netmiko_send_command, command_string=command, **more)[0].result)
        task.host.close_connection("netmiko")
        return Result(task.host, given)

    def run() -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        for host, result in nornir.run(task=collect).items():
            if result.failed:
                sys.exit(f"peer: {host}: {result[0].result[-500:]}")
            found[host] = result[0].result
        return found

    return run


def floor(n: int, port: int, known: str, parsing: bool) -> Callable[[], Mapping[str, Any]]:  # noqa: ARG001
    """A bare ssh2-python loop."""
    import socket
    from concurrent.futures import ThreadPoolExecutor

    import ssh2.session

    password = os.environ[PASSWORD]

    def one(number: int) -> tuple[str, list[str]]:
        name = f"LAB-{number:04}"
        prompt = f"<{name}>".encode()
        wire = socket.create_connection(("127.0.0.1", port))
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        session = ssh2.session.Session()
        session.handshake(wire)
        session.userauth_password(name, password)
        channel = session.open_session()
        channel.pty()
        channel.shell()

        def until_prompt(channel: Any) -> str:
            said = b""
            while not said.endswith(prompt):
                said += channel.read(65536)[1]
            return str(said.decode())

        until_prompt(channel)
        given = []
        for command in ("screen-length 0 temporary", *COMMANDS):
            channel.write(f"{command}\n")
            given.append(until_prompt(channel).partition("\n")[2].rpartition("\r\n")[0].replace("\r\n", "\n"))
        channel.close()
        del channel
        session.disconnect()
        del session
        wire.close()
        return name, given[1:]

    def run() -> Mapping[str, Any]:
        with ThreadPoolExecutor(WORKERS) as pool:
            return dict(pool.map(one, range(1, n + 1)))

    return run


def most_files(over: threading.Event) -> Callable[[], int]:
    """Count open descriptors of this process all along; returns how to learn the most there were."""
    most = 0

    def watch() -> None:
        nonlocal most
        while not over.wait(0.05):
            most = max(most, len(os.listdir("/proc/self/fd")))

    threading.Thread(target=watch, daemon=True).start()
    return lambda: most


def measure(side: str, n: int, port: int, known: str, parsing: bool) -> dict[str, float]:
    """Run one side in this process, check every device, return its figures."""
    run = {"ours": ours, "peer": peer, "floor": floor}[side](n, port, known, parsing)
    over = threading.Event()
    files = most_files(over) if side == "ours" and n >= MANY else None
    before = resource.getrusage(resource.RUSAGE_SELF)
    begun, used = time.perf_counter(), time.process_time()
    found = run()
    figures = {"cpu": time.process_time() - used, "wall": time.perf_counter() - begun}
    over.set()
    after = resource.getrusage(resource.RUSAGE_SELF)
    figures["memory_mb"] = (after.ru_maxrss - before.ru_maxrss) / 1024
    if files:
        figures["files"] = files()
    check({host: facts(side, one) for host, one in found.items()} if parsing else found, n, parsing)
    return figures


def facts(side: str, tables: Any) -> list[Any]:
    """What one side's tables say, in the words of ``expected``."""
    if side == "ours":
        if not all(table.whole for table in tables):
            sys.exit("ours: something was not read")
        version, interfaces, arp = (table.rows for table in tables)
        release = version[0]["release"]
    else:
        version, interfaces, arp = tables[0][0][0], tables[1][0][0]["rows"], tables[2][0][0]["rows"]
        release = version["release"]
    return [
        release[-6:],
        {row["interface"]: row["state"] for row in interfaces},
        {row["address"]: bare_mac(row["mac"]) for row in arp},
    ]


def check(found: Mapping[str, Any], n: int, parsing: bool) -> None:
    """Every device is there, and nothing but what it holds."""
    from nornir_itsm.lab.crowd.printing import printed

    if len(found) != n:
        sys.exit(f"{len(found)} of {n} devices")
    for number in range(1, n + 1):
        texts = [printed(PLATFORM, number)[command]().removesuffix("\n") for command in COMMANDS]
        if found[f"LAB-{number:04}"] != (expected(number) if parsing else texts):
            sys.exit(f"LAB-{number:04}: not what the device holds: {str(found[f'LAB-{number:04}'])[:300]}")


def apart(side: str, n: int, simulated: Mapping[str, Any], known: Path, parsing: bool) -> dict[str, float]:
    """Measure one side in a fresh process; the simulator's CPU is read around it."""
    words = [sys.executable, __file__, "--side", side, str(n), str(simulated["port"]), str(known)]
    environ = {**os.environ, PASSWORD: simulated["password"], "TTPCACHEFOLDER": str(known.parent)}
    before = cpu_of(simulated["pid"])
    done = subprocess.run(
        [*words, "parsing" if parsing else "raw"], env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{side}: {done.stdout[-1000:]}{done.stderr[-2000:]}")
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {**figures, "simulator_cpu": cpu_of(simulated["pid"]) - before}


def medians(
    n: int, simulated: Mapping[str, Any], known: Path, parsing: bool, sides: tuple[str, ...]
) -> dict[str, Any]:
    """Figures of each side, medians of interleaved rounds."""
    rounds = [{side: apart(side, n, simulated, known, parsing) for side in sides} for _ in range(ROUNDS)]
    return {
        side: {key: statistics.median(each[side][key] for each in rounds) for key in rounds[0][side]}
        for side in sides
    }


def main() -> None:
    """Measure and print."""
    if sys.argv[1:2] == ["--side"]:
        side, n, port, known, how = sys.argv[2:]
        print(json.dumps(measure(side, int(n), int(port), known, how == "parsing")))
        return
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    figures: dict[str, float] = {}
    ratios: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, simulator(max(*sizes, MANY)) as simulated:
        known = Path(folder, "known_hosts")
        known.write_text(f"[127.0.0.1]:{simulated['port']} {simulated['host_key']}\n", encoding="utf-8")
        for n in sizes:
            read = medians(n, simulated, known, True, ("ours", "peer"))
            raw = medians(n, simulated, known, False, ("ours", "floor"))
            ratios[f"cpu_{n}"] = read["peer"]["cpu"] / read["ours"]["cpu"]
            ratios[f"wall_{n}"] = read["peer"]["wall"] / read["ours"]["wall"]
            ratios[f"to_floor_{n}"] = raw["ours"]["cpu"] / raw["floor"]["cpu"]
            for how, taken in (("", read), ("raw_", raw)):
                for side, one in taken.items():
                    figures[f"{how}{side}_cpu_ms_per_device_{n}"] = 1000 * one["cpu"] / n
                    figures[f"{how}{side}_wall_seconds_{n}"] = one["wall"]
                    figures[f"{how}{side}_simulator_cpu_seconds_{n}"] = one["simulator_cpu"]
        many = apart("ours", MANY, simulated, known, True)
        figures |= {f"ours_{key}_{MANY}": value for key, value in many.items()}
    for name in ("cpu", "wall", "to_floor"):
        ratios[name] = ratios[f"{name}_{max(sizes)}"]
    result = {
        "name": "collect",
        "ratios": {name: round(ratio, 2) for name, ratio in ratios.items()},
        "figures": {name: round(value, 3) for name, value in figures.items()},
        "peer": "nornir 3.6 + nornir-netmiko 1.0, use_ttp, 50 threads",
        "n": max(sizes),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
