"""Nornir connection plugin ``itsm-aliyun-api``: a host of the cloud gives its region's API."""

from typing import TYPE_CHECKING, Any

from nornir_itsm.errors import ConfigError

if TYPE_CHECKING:
    from nornir.core.configuration import Config

    from nornir_itsm.sources.aliyun import AliyunApi

CONNECTION = "itsm-aliyun-api"


class AliyunConnection:
    """Opens without asking the cloud anything: the first call does.

    Extras: an account as the inventory ``itsm-aliyun`` takes it, with one region. User name and password
    of the host are those of its operating system and play no part.
    """

    connection: "AliyunApi"

    def open(  # noqa: PLR0913, PLR0917 - Nornir's signature
        self,
        hostname: str | None,
        username: str | None,  # noqa: ARG002
        password: str | None,  # noqa: ARG002
        port: int | None,  # noqa: ARG002
        platform: str | None,  # noqa: ARG002
        extras: dict[str, Any] | None = None,
        configuration: "Config | None" = None,  # noqa: ARG002
    ) -> None:
        """Resolve the keys and make the client. Raises ConfigError."""
        from nornir_itsm.sources.aliyun import AliyunApi
        from nornir_itsm.sources.aliyun_account import Account

        said = dict(extras or {})
        if isinstance(said.get("regions"), str):  # the cell of a device list
            said["regions"] = [said["regions"]]
        account = Account.of(said, f"{hostname} {CONNECTION}")
        places = list(account.places())
        if len(places) != 1:
            raise ConfigError(f"{hostname} {CONNECTION}", "needs one region", "write regions: [cn-example-1]")
        self.connection = AliyunApi(places[0], account.keys())

    def close(self) -> None:
        """Close the client."""
        self.connection.close()
