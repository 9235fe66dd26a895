"""Nornir connection plugin ``itsm-rest``: a host of platform sangfor_ad gives a SangforAd."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nornir_itsm.devices.credentials import resolve, resolve_username
from nornir_itsm.errors import ConfigError
from nornir_itsm.platforms import PLATFORMS

if TYPE_CHECKING:
    from nornir.core.configuration import Config

    from nornir_itsm.sources.sangfor_ad import SangforAd

CONNECTION = "itsm-rest"


class RestConnection:
    """Opens without asking the device anything: the first call does.

    Extras: ``device`` (the name for messages), ``ca`` (path of the CA file), ``timeout`` (seconds).
    """

    connection: "SangforAd"

    def open(  # noqa: PLR0913, PLR0917 - Nornir's signature
        self,
        hostname: str | None,
        username: str | None,
        password: str | None,
        port: int | None,
        platform: str | None,
        extras: dict[str, Any] | None = None,
        configuration: "Config | None" = None,  # noqa: ARG002
    ) -> None:
        """Resolve the credentials and make the client. Raises ConfigError."""
        from nornir_itsm.sources.sangfor_ad import SangforAd

        options = extras or {}
        device = str(options.get("device") or hostname)
        known = PLATFORMS.get(platform or "")
        if known is None or known.rest is None:
            raise ConfigError(
                device, f"platform {platform!r} has no REST interface here", "check the platform"
            )
        if not hostname or not options.get("ca"):
            missing = "CA file (column ca)" if hostname else "address (column hostname)"
            raise ConfigError(device, f"no {missing}", "fill it in the device list: HTTPS is always verified")
        address = f"[{hostname}]" if ":" in hostname else hostname
        self.connection = SangforAd(
            device,
            f"https://{address}:{port or known.port}{known.rest.base}",
            username=resolve_username(username, device),
            password=resolve(password, device),
            ca=Path(options["ca"]),
            timeout=float(options.get("timeout", 30.0)),
        )

    def close(self) -> None:
        """Close the client."""
        self.connection.close()
