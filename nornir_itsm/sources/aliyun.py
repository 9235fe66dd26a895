"""Client of the cloud's RPC API, public or private: signed by the vendor's SDK core, read to the last page.

Most of what is asked only reads; a write carries a token of its own, so that it can be repeated. The SDK core
signs and sends; it is told to retry nothing, because it does not count ``Throttling.User`` among what is
retried: waiting, with a new nonce for each attempt, is here.
"""

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from nornir_itsm.errors import SourceError
from nornir_itsm.sources.aliyun_keys import Keys
from nornir_itsm.sources.aliyun_wire import LONGEST_MESSAGE, Place, client_of, explained

if TYPE_CHECKING:
    from aliyunsdkcore.client import AcsClient
    from aliyunsdkcore.request import CommonRequest

Record = dict[str, Any]

_MOST_PAGES = 10_000
_LOST = "SDK.HttpError"
_AGAIN = frozenset({"ServiceUnavailable", "InternalError", "UnknownError", "SignatureNonceUsed", _LOST})


@dataclass(frozen=True, slots=True)
class Listing:
    """An action that lists records: ``path`` leads to them, ``id`` tells them apart.

    ``size`` is the parameter that asks for so many at once, ``largest`` the most that are given.
    """

    product: str
    version: str
    action: str
    path: tuple[str, str]
    id: str
    largest: int
    paging: Literal["token", "page"] = "page"
    size: str = "PageSize"


def _ecs(action: str, path: tuple[str, str], id: str, largest: int = 100) -> Listing:
    return Listing("ecs", "2014-05-26", action, path, id, largest, "token", "MaxResults")


def _vpc(action: str, path: tuple[str, str], id: str, largest: int = 50) -> Listing:
    return Listing("vpc", "2016-04-28", action, path, id, largest)


INSTANCES = _ecs("DescribeInstances", ("Instances", "Instance"), "InstanceId")
INTERFACES = _ecs(
    "DescribeNetworkInterfaces", ("NetworkInterfaceSets", "NetworkInterfaceSet"), "NetworkInterfaceId", 500
)
SECURITY_GROUPS = _ecs("DescribeSecurityGroups", ("SecurityGroups", "SecurityGroup"), "SecurityGroupId")
VPCS = _vpc("DescribeVpcs", ("Vpcs", "Vpc"), "VpcId")
VSWITCHES = _vpc("DescribeVSwitches", ("VSwitches", "VSwitch"), "VSwitchId")
EIPS = _vpc("DescribeEipAddresses", ("EipAddresses", "EipAddress"), "AllocationId", 100)
HAVIPS = _vpc("DescribeHaVips", ("HaVips", "HaVip"), "HaVipId")
ROUTE_TABLES = _vpc("DescribeRouteTableList", ("RouterTableList", "RouterTableListType"), "RouteTableId")
SLBS = Listing(
    "slb", "2014-05-15", "DescribeLoadBalancers", ("LoadBalancers", "LoadBalancer"), "LoadBalancerId", 100
)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a call is tried, and how long is waited between: up to twice as long each time, by chance.

    Seconds. ``timeout`` is for one answer.
    """

    tries: int = 8
    lost: int = 3
    """Tries where no answer comes at all, or half of one."""
    first: float = 0.25
    most: float = 15.0
    timeout: float = 20.0

    def pause(self, attempt: int, chance: random.Random) -> float:
        """Return how long to wait after a failed *attempt*, counted from 0."""
        return chance.uniform(0.5, 1.0) * min(self.most, self.first * float(2**attempt))


class AliyunApi:
    """One region of one account. Every failure is a SourceError in words, without any secret."""

    def __init__(
        self,
        place: Place,
        keys: Keys,
        patience: Patience | None = None,
        *,
        chance: random.Random | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take what a call needs; nothing is asked yet."""
        self.place = place
        self.retries = 0
        """Attempts that had to be repeated so far."""
        self._keys = keys
        self._patience = patience or Patience()
        self._chance = chance or random.Random()
        self._sleep = sleep
        self._clients: dict[str, AcsClient] = {}

    def close(self) -> None:
        """Close the connections that are kept open."""
        for client in self._clients.values():
            client.session.close()
        self._clients.clear()

    def records(self, listing: Listing, **filters: str) -> list[Record]:
        """Return every record of a listing, each once. Raises SourceError where one is missing."""
        return self.listed(listing, **filters)[0]

    def listed(self, listing: Listing, **filters: str) -> tuple[list[Record], Record]:
        """Return every record, and the last page for what it says beside them. Raises SourceError."""
        page: Record = {}
        found: dict[str, Record] = {}
        total = 0
        for page in self._pages(listing, filters):
            for record in _records(page, listing, self._where(listing.action)):
                found[str(record.get(listing.id))] = record
            total = max(total, _count(page))
        if len(found) < total:
            problem = f"gave {len(found)} of {total} records: the list is not whole"
            raise SourceError(self._where(listing.action), problem, "ask again; nothing of it is used")
        return list(found.values()), page

    def call(self, product: str, version: str, action: str, parameters: Mapping[str, str]) -> Record:
        """Make one call, again where the cloud asks for patience. Raises AnsweredNo, NoAnswer.

        One that writes must have a ClientToken: an attempt that failed may have been carried out.
        """
        for attempt in range(self._patience.tries):
            code, message, document = self._attempt(product, version, action, parameters)
            if document is not None:
                return document
            most = self._patience.lost if code == _LOST else self._patience.tries
            if attempt + 1 >= most or not (code in _AGAIN or code.startswith("Throttling")):
                break
            self.retries += 1
            self._sleep(self._patience.pause(attempt, self._chance))
        raise explained(self._where(action), code, self._clean(message), attempt + 1)

    def _pages(self, listing: Listing, filters: Mapping[str, str]) -> Iterator[Record]:
        """Yield pages to the end. A private cloud may be too old for tokens: then pages are numbered."""
        if listing.paging == "page":
            yield from self._numbered(listing, filters)
            return
        parameters, seen = {**filters, listing.size: str(listing.largest)}, set[str]()
        while True:
            page = self.call(listing.product, listing.version, listing.action, parameters)
            yield page
            token = str(page.get("NextToken") or "")
            if not token:
                break
            if token in seen:
                raise SourceError(self._where(listing.action), "its pages go in a circle", "ask again")
            seen.add(token)
            if len(seen) > _MOST_PAGES:
                raise SourceError(self._where(listing.action), "its pages do not end", "look at the endpoint")
            parameters["NextToken"] = token
        if not seen and 0 < _size(page) < _count(page):
            yield from self._numbered(listing, filters)

    def _numbered(self, listing: Listing, filters: Mapping[str, str]) -> Iterator[Record]:
        number = read = 0
        size = "PageSize" if listing.paging == "token" else listing.size
        parameters = {**filters, size: str(listing.largest)}
        while True:
            number += 1
            page = self.call(
                listing.product, listing.version, listing.action, {**parameters, "PageNumber": str(number)}
            )
            yield page
            read += _size(page) or listing.largest
            if read >= _count(page) or number > _MOST_PAGES:
                return

    def _attempt(
        self, product: str, version: str, action: str, parameters: Mapping[str, str]
    ) -> tuple[str, str, Record | None]:
        """Return (code, message, None) of a refusal, or ("", "", document)."""
        from aliyunsdkcore.acs_exception.exceptions import (
            ClientException,
            ServerException,
        )

        request = self._request(product, version, action, parameters)
        try:
            document = json.loads(self._client(product).do_action_with_exception(request))
        except ServerException as error:
            return str(error.get_error_code()), str(error.get_error_msg()), None
        except ClientException as error:
            return str(error.get_error_code()), str(error.get_error_msg()), None
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
            return "", "the answer is not the JSON of this API", None
        if not isinstance(document, dict):
            return "", "the answer is no JSON object", None
        return "", "", document

    def _request(
        self, product: str, version: str, action: str, parameters: Mapping[str, str]
    ) -> "CommonRequest":
        from aliyunsdkcore.http import protocol_type
        from aliyunsdkcore.request import CommonRequest

        url = urlsplit(self.place.endpoints.get(product, ""))
        request = CommonRequest(url.hostname, version, action, product=product.capitalize())
        request.set_protocol_type(protocol_type.HTTP if url.scheme == "http" else protocol_type.HTTPS)
        request.set_method("GET")
        for name, value in {"RegionId": self.place.region, **parameters}.items():
            request.add_query_param(name, value)
        if self._keys.token:  # as the SDK's own signer for temporary keys does
            request.add_query_param("SecurityToken", self._keys.token)
        for name, value in self.place.headers.items():
            request.add_header(name, value)
        return request

    def _client(self, product: str) -> "AcsClient":
        if product not in self._clients:
            url = urlsplit(self.place.endpoints.get(product, ""))
            port = url.port or (80 if url.scheme == "http" else 443)
            self._clients[product] = client_of(self.place, self._keys, port, self._patience.timeout)
        return self._clients[product]

    def _where(self, action: str) -> str:
        return f"cloud {self.place} {action}"

    def _clean(self, message: str) -> str:
        for secret in (self._keys.secret, self._keys.token):
            if secret:
                message = message.replace(secret, "********")
        return " ".join(message.split())[:LONGEST_MESSAGE]


def _records(page: Record, listing: Listing, where: str) -> list[Record]:
    outer, inner = listing.path
    wrapper = page.get(outer)
    found = wrapper.get(inner) if isinstance(wrapper, dict) else None
    if not isinstance(found, list) or not all(isinstance(one, dict) and listing.id in one for one in found):
        raise SourceError(
            where, f"the answer holds no {outer}.{inner}", "is this the endpoint of that product?"
        )
    return found


def _count(page: Record) -> int:
    total = page.get("TotalCount")
    return total if isinstance(total, int) else 0


def _size(page: Record) -> int:
    """Return how many records a numbered page has room for; the cloud may give fewer than were asked for."""
    size = page.get("PageSize")
    return size if isinstance(size, int) and size > 0 else 0
