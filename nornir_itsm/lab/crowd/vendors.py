"""How the sessions of four vendors look: prompts, pagers, notices, refusals. Sources: vendors' manuals."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Vendor:
    """The manners of one operating system; ``{name}`` stands for the device's name."""

    platform: str
    """netmiko's name of it."""
    prompt: str
    more: str
    erase: str
    """What wipes the pager's question when a key was pressed."""
    paging_off: str
    paging_said: str = ""
    unknown: str = ""
    settings: tuple[str, ...] = ()
    """Commands about the terminal that are taken without a word."""
    leave: tuple[str, ...] = ("quit",)


@dataclass(frozen=True, slots=True)
class Temper:
    """How one device misbehaves; the default does not.

    ``drip``: bytes in a packet, 0 for whole answers. ``pause``: seconds between packets. ``ask``: printed
    after login and answered by a line, whatever it says. ``mute``: this command is never answered.
    """

    banner: str = ""
    ask: str = ""
    newline: str = "\r\n"
    encoding: str = "utf-8"
    drip: int = 0
    pause: float = 0.0
    pager_stays: bool = False
    mute: str = ""


@dataclass(frozen=True, slots=True)
class Device:
    """One device. ``says`` is command -> text, beside what its vendor prints anyway."""

    number: int
    vendor: str
    temper: Temper = Temper()
    says: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name, which is the user name of its sessions too."""
        return f"LAB-{self.number:04}"


VENDORS = {
    "huawei_vrp": Vendor(
        platform="huawei_vrp",
        prompt="<{name}>",
        more="  ---- More ----",
        erase="\x1b[42D" + " " * 42 + "\x1b[42D",
        paging_off="screen-length 0 temporary",
        paging_said="Info: The configuration takes effect on the current user terminal interface only.",
        unknown="               ^\nError: Unrecognized command found at '^' position.",
    ),
    "hp_comware": Vendor(
        platform="hp_comware",
        prompt="<{name}>",
        more="---- More ----",
        erase="\x1b[16D" + " " * 16 + "\x1b[16D",
        paging_off="screen-length disable",
        unknown="               ^\n % Unrecognized command found at '^' position.",
    ),
    "hillstone_stoneos": Vendor(
        platform="hillstone_stoneos",
        prompt="{name}# ",
        more=" --More-- ",
        erase="\b" * 10 + " " * 10 + "\b" * 10,
        paging_off="terminal length 0",
        unknown="      ^-----unrecognized keyword",
        settings=("terminal width 512",),
        leave=("exit",),
    ),
    "cisco_ios": Vendor(
        platform="cisco_ios",
        prompt="{name}#",
        more=" --More-- ",
        erase="\b" * 9 + " " * 8 + "\b" * 9,
        paging_off="terminal length 0",
        unknown="                ^\n% Invalid input detected at '^' marker.\n",
        settings=("terminal width 511",),
        leave=("exit", "logout"),
    ),
}
