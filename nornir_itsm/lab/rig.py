"""The lab: its devices on loopback, and the files that point the tool at them."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from nornir_itsm.errors import ConfigError
from nornir_itsm.lab import overlay
from nornir_itsm.lab.aliyun.cloud import Cloud
from nornir_itsm.lab.comware.device import Device as Switch
from nornir_itsm.lab.ipam.server import APP, USER, Ipam
from nornir_itsm.lab.overlay import Row, write, write_secret
from nornir_itsm.lab.sangfor.adc import Adc
from nornir_itsm.lab.stoneos.firewall import Firewall

FIREWALL = "DC1-ISP-FW01"
ADC = "DC1-ISP-LB01"
TESTNET = "DC1-CDL-FW01-TESTNET"
CORE = "DC1-CORE-FW01"
SWITCH = "DC1-CORE-SW01"
IPAM = "IPAM"
CLOUD = "DC1-CLOUD"
"""The cloud's region as a point of security groups, where the snapshot says what these are."""

_FIREWALLS = {
    FIREWALL: (FIREWALL, "firewall_edge"),
    TESTNET: ("DC1-CDL-FW01(TESTNET-vFW)", "firewall_testnet"),
    CORE: (CORE, "firewall_core"),
}
"""Device -> its prompt (a vsys in brackets) and its folder in a snapshot; the edge must be there."""
_INTERCONNECT = """#
vlan 1
#
ip vpn-instance VPC-trust
 route-distinguisher 65000:1
#
return
"""
"""What the switch holds where the snapshot has no configuration of it: the shared instance, nothing else."""
Simulated = Firewall | Adc | Switch


class Lab:
    """Simulated firewalls, a switch, a controller and a cloud, loaded from a snapshot.

    ``firewall`` (at the edge), ``firewalls``, ``switch``, ``adc`` and ``cloud`` exist from the
    beginning, so that faults can be armed before the first session; ports, host keys, certificates, passwords
    and the overlay are new at each start.
    """

    def __init__(self, directory: Path, *, snapshot: Path, project: Path, consoles: bool = False) -> None:
        """Load the devices of *snapshot*; *project* has site.yaml, templates and runbooks.

        With *consoles* cloud and IPAM (a phpIPAM) are asked live, else exports of them are read.
        Raises ConfigError where the snapshot cannot be read.
        """
        self.directory = directory.absolute()
        self._snapshot = snapshot.absolute()
        self._project = project.absolute()
        for needed in ("firewall_edge", "adc"):
            if not (self._snapshot / needed).is_dir():
                raise ConfigError(
                    str(self._snapshot), f"has no folder {needed}", "name a snapshot with --snapshot"
                )
        self.firewalls = {
            name: Firewall.from_snapshot(prompt, self._snapshot / folder)
            for name, (prompt, folder) in _FIREWALLS.items()
            if (self._snapshot / folder).is_dir()
        }
        self.firewall = self.firewalls[FIREWALL]
        self.switch = Switch.from_text(SWITCH, self._switch_text())
        self.adc = Adc.from_snapshot(ADC, self._snapshot / "adc")
        self.cloud = Cloud.from_snapshot(self._snapshot / "cloud")
        self.ipam = Ipam.from_snapshot(self._snapshot / "ipam") if consoles else None
        self.ports: Mapping[str, int] = {}
        self._running: ExitStack | None = None

    @property
    def config(self) -> Path:
        """The overlay configuration, to be used with ``--config``."""
        return self.directory / "config.yaml"

    @property
    def token(self) -> Path:
        """The file with the token of the approver."""
        return self.directory / "approver.token"

    def _switch_text(self) -> str:
        folder = self._snapshot / "switch_core"
        texts = sorted((*folder.glob("*.cfg"), *folder.glob("*.txt")))
        return texts[0].read_text(encoding="utf-8") if texts else _INTERCONNECT

    def device(self, name: str) -> Simulated:
        """Return a device by its name. Raises ConfigError."""
        devices: Mapping[str, Simulated] = {**self.firewalls, SWITCH: self.switch, ADC: self.adc}
        if name not in devices:
            raise ConfigError("lab", f"there is no device {name}", f"one of {', '.join(devices)}")
        return devices[name]

    def reset(self) -> None:
        """Put all devices back to the snapshot, without faults and with empty logs; ports stay open."""
        for name, firewall in self.firewalls.items():
            prompt, folder = _FIREWALLS[name]
            firewall.reset(Firewall.from_snapshot(prompt, self._snapshot / folder).config)
        self.switch.reset(self._switch_text())
        self.cloud.reset()
        self.adc.reset(Adc.from_snapshot(ADC, self._snapshot / "adc").store)

    def start(self) -> None:
        """Write the overlay and listen. Raises ConfigError where the directory cannot be used."""
        if self._running is not None:
            return
        with ExitStack() as stack:
            try:
                self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
                self.directory.chmod(0o700)
                self._open(stack)
            except OSError as error:
                raise ConfigError(
                    str(self.directory), str(error), "name a directory that can be written"
                ) from error
            self._running = stack.pop_all()

    def stop(self) -> None:
        """Cut every session and close the ports; what the devices hold can still be read."""
        if self._running is not None:
            self._running.close()
            self._running = None

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def _open(self, stack: ExitStack) -> None:
        from nornir_itsm.lab.tls import Authority

        home = self.directory
        authority = Authority()
        certificate, key = authority.server()
        ca = write(home / "ca.pem", authority.certificate())
        pem, key_pem = write(home / "adc.pem", certificate), write(home / "adc.key", key, secret=True)
        rows, known, ports = self._open_boxes(stack, home / "firewall.password")
        write(home / "known_hosts", known.encode())
        adc_secret = home / "adc.password"
        stack.callback(self.adc.stop)
        adc_port = self.adc.start(write_secret(adc_secret), pem, key_pem)
        rows.append(Row(ADC, adc_port, "sangfor_ad", f"file:{adc_secret}", "adc", str(ca)))
        account = self._open_cloud(stack)
        if self.cloud.records["security_group_rules"]:
            rows.append(overlay.region_row(CLOUD, account))
        write(home / "devices.xlsx", overlay.devices_workbook(rows))
        token = write_secret(self.token)
        ports[ADC] = adc_port
        consoles: dict[str, object] = {}
        if self.ipam is not None:
            stack.callback(self.ipam.stop)
            secret = home / "ipam.password"
            ports[IPAM] = self.ipam.start(write_secret(secret), pem, key_pem)
            consoles["ipam"] = {"phpipam": _phpipam(ports[IPAM], ca, secret)}
            consoles["cloud"] = {"aliyun": {"accounts": [account]}}
        config = overlay.config(home, overlay.Places(self._snapshot, self._project, consoles), token=token)
        write(self.config, config)
        write(home / "config-cloud.yaml", overlay.cloud_config(config, account))
        self.ports = ports

    def _open_boxes(self, stack: ExitStack, secret: Path) -> tuple[list[Row], str, dict[str, int]]:
        """Let everything listen that has a command line; return its rows, its host keys and its ports."""
        password, keys = write_secret(secret), ""
        rows, ports = list[Row](), dict[str, int]()
        boxes: Mapping[str, Firewall | Switch] = {**self.firewalls, SWITCH: self.switch}
        for name, box in boxes.items():
            stack.callback(box.stop)
            ports[name] = box.start(password)
            keys += f"[127.0.0.1]:{ports[name]} {box.host_key}\n"
            kind = ("hp_comware", "switch") if name == SWITCH else ("hillstone_stoneos", "firewall")
            rows.append(Row(name, ports[name], kind[0], f"file:{secret}", kind[1]))
        return rows, keys, ports

    def _open_cloud(self, stack: ExitStack) -> Mapping[str, object]:
        """Let the cloud listen, and return how it is asked."""
        stack.callback(self.cloud.stop)
        key, secret = self.cloud.key(), self.directory / "cloud.secret"
        write(secret, key.secret.encode(), secret=True)
        return overlay.cloud_account(self.cloud.start(), key.id, secret)


def _phpipam(port: int, ca: Path, secret: Path) -> dict[str, str]:
    """Return how the tool is told of the IPAM."""
    account = {"app": APP, "username": USER, "password": f"file:{secret}"}
    return {"url": f"https://127.0.0.1:{port}/api", "ca": str(ca), **account}
