"""The Linux firewall of ``labs/firewall.sh``, as somebody at its console sees it."""

from tests.real.machines import within

SERVER = "10.60.2.10"
PORTS = (8080, 8443, 9443)
"""The server listens on all of them; the first one has a rule already."""


def ruleset() -> str:
    """What is in force."""
    return within("fw", "nft", "-s", "list", "ruleset").stdout


def boot() -> None:
    """Lose what is not saved, and load what is, as the firewall does when it starts."""
    within("fw", "nft", "flush", "ruleset")
    done = within("fw", "nft", "-f", "/etc/nftables.conf")
    assert done.returncode == 0, done.stderr
