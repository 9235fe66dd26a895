"""The controller's HTTPS port: authentication, routes, the list envelope, errors."""

import base64
import binascii
import hmac
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from nornir_itsm.lab.faults import Faults, Log, Verdict
from nornir_itsm.lab.sangfor.fields import BodyError
from nornir_itsm.lab.sangfor.resources import RESOURCES, Resource
from nornir_itsm.lab.sangfor.store import Item, MissingError, Store

USER = "admin"
BASE = "/api/ad/v3"
VERSION = {"version": "AD 7.0.21", "build": "lab"}
MAX_BODY = 1 << 20
"""Bytes (assumed)."""
_TIMEOUT = 60.0
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER on, zero seconds: closing sends a reset."""


class _HttpError(Exception):
    def __init__(self, status: HTTPStatus, code: str, msg: str) -> None:
        super().__init__(msg)
        self.status = status
        self.body = {"err_code": code, "msg": msg, "debug": ""}


class _Dropped(Exception):  # noqa: N818 - not an error: a fault that was asked for
    pass


class Adc(Protocol):
    """What answers behind the port."""

    faults: Faults
    log: Log
    lock: threading.RLock
    store: Store


class Port(ThreadingHTTPServer):
    """An HTTPS server on a free loopback port, one thread per connection."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, adc: Adc, password: str, certificate: Path, key: Path) -> None:
        """Bind; nothing is answered before ``open``."""
        self.adc = adc
        self.password = password
        self._connections: set[socket.socket] = set()
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        self._tls.load_cert_chain(certificate, key)
        super().__init__(("127.0.0.1", 0), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.1,), name="lab-adc", daemon=True)

    def open(self) -> int:
        """Serve; return the port."""
        self._thread.start()
        return int(self.server_address[1])

    def close(self) -> None:
        """Cut every connection, close the port and end the thread."""
        self.shutdown()
        self.server_close()
        for connection in tuple(self._connections):
            cut(connection)
        self._thread.join(10)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept; the handshake is left to the connection's own thread."""
        plain, peer = super().get_request()
        wrapped = self._tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        self._connections.add(wrapped)
        return wrapped, peer

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that is over."""
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet about clients that go away or do not trust the certificate."""
        import sys

        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def cut(connection: socket.socket) -> None:
    """Close at once, without an answer or a goodbye."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        socket.socket.shutdown(connection, socket.SHUT_RDWR)  # below TLS: a reader in another thread wakes
        connection.close()
    except OSError:
        return  # it is closed already


class _Handler(BaseHTTPRequestHandler):
    server: Port
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _TIMEOUT

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _serve(self) -> None:
        try:
            body = self._body()
            self._authenticate()
            self._send(HTTPStatus.OK, self._route(body))
        except _HttpError as error:
            self._send(error.status, error.body)
        except _Dropped:
            self.close_connection = True
            cut(self.connection)

    def _route(self, body: bytes) -> Any:
        resource, name, query = self._target()
        if resource is None:
            if self.command != "GET":
                raise _not_allowed(self.command)
            return VERSION
        verbs = ("GET", "POST") if name is None else ("GET", "PUT", "PATCH", "DELETE")
        if self.command not in verbs:
            raise _not_allowed(self.command)
        if self.command == "GET":
            with self.server.adc.lock:
                return self._read(resource, name, query)
        return self._write(resource, name, body)

    def _target(self) -> tuple[Resource | None, str | None, dict[str, str]]:
        parts = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
        path = parts.path.removeprefix(BASE) if parts.path.startswith(f"{BASE}/") else ""
        if path.rstrip("/") == "/version":
            return None, None, query
        for base, resource in RESOURCES.items():
            if path in (base, f"{base}/"):
                return resource, None, query
            if path.startswith(f"{base}/") and "/" not in path[len(base) + 1 :]:
                return resource, unquote(path[len(base) + 1 :]), query
        raise _HttpError(HTTPStatus.NOT_FOUND, "ERR_NOT_FOUND", f"{parts.path}: no such resource")

    def _read(self, resource: Resource, name: str | None, query: Mapping[str, str]) -> Any:
        store = self.server.adc.store
        if name is not None:
            try:
                return _shown(resource, store.one(resource, name), query)
            except MissingError:
                raise _missing(name) from None
        found = [item for item in store.items(resource) if query.get("$search", "") in item["name"]]
        skip, top = _count(query, "$skip", 0, 0), _count(query, "$top", 65535, 1)
        page = found[skip : skip + top]
        return {
            "maximum_items": store.capacity[resource.path],
            "total_pages": -(-len(found) // top),
            "page_number": skip // top + 1,
            "page_size": top,
            "total_items": len(found),
            "items_offset": skip,
            "items_length": len(page),
            "items": [_shown(resource, item, query) for item in page],
        }

    def _write(self, resource: Resource, name: str | None, body: bytes) -> Any:
        adc = self.server.adc
        time.sleep(adc.faults.delay)
        with adc.lock:
            what = f"{self.command} {resource.path}{'' if name is None else f'/{name}'}"
            if body:
                what += f" {body.decode(errors='replace')}"
            verdict = adc.faults.verdict()
            try:
                if verdict is Verdict.REFUSE:
                    raise _HttpError(HTTPStatus.BAD_REQUEST, "ERR_BUSY", "system is busy, try again later")
                if verdict is Verdict.DROP_BEFORE:
                    raise _Dropped
                answer = self._executed(resource, name, body)
            except (_HttpError, _Dropped):
                adc.log.add(what, accepted=False)
                raise
            adc.log.add(what, accepted=True)
        if verdict is Verdict.DROP_AFTER:
            raise _Dropped
        return answer

    def _executed(self, resource: Resource, name: str | None, body: bytes) -> Item:
        store = self.server.adc.store
        try:
            if name is None:
                return store.create(resource, _parsed(body))
            if self.command == "DELETE":
                return store.delete(resource, name)
            change = store.replace if self.command == "PUT" else store.modify
            return change(resource, name, _parsed(body))
        except MissingError:
            raise _missing(name) from None
        except BodyError as error:
            raise _HttpError(HTTPStatus.BAD_REQUEST, error.code, error.msg) from None

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MAX_BODY or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            raise _HttpError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "ERR_BODY", "body too large")
        return self.rfile.read(int(length))

    def _authenticate(self) -> None:
        scheme, _, coded = self.headers.get("Authorization", "").partition(" ")
        try:
            given = base64.b64decode(coded, validate=True) if scheme.lower() == "basic" else b""
        except (binascii.Error, ValueError):
            given = b""
        if not hmac.compare_digest(given, f"{USER}:{self.server.password}".encode()):
            raise _HttpError(HTTPStatus.UNAUTHORIZED, "ERR_UNAUTHORIZED", "authentication failed")

    def _send(self, status: HTTPStatus, body: Any) -> None:
        content = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        if status is HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", 'Basic realm="AD"')
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _parsed(body: bytes) -> Item:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BodyError("the body is not a JSON object", "ERR_JSON")
    return found


def _shown(resource: Resource, item: Item, query: Mapping[str, str]) -> Item:
    """``all_properties`` is false by default: what stands at its default is left out."""
    shown = item if query.get("all_properties", "").lower() == "true" else resource.sparse(item)
    if wanted := query.get("$select"):
        return {key: value for key, value in shown.items() if key in wanted.split(",")}
    return shown


def _count(query: Mapping[str, str], key: str, default: int, least: int) -> int:
    text = query.get(key, str(default))
    if not text.isdecimal() or not least <= int(text) <= 65535:
        raise _HttpError(HTTPStatus.BAD_REQUEST, "ERR_INVALID_PARAM", f"{key}: {text!r} is no count")
    return int(text)


def _missing(name: str | None) -> _HttpError:
    return _HttpError(HTTPStatus.NOT_FOUND, "ERR_NOT_FOUND", f"{name}: not found")


def _not_allowed(method: str) -> _HttpError:
    return _HttpError(HTTPStatus.METHOD_NOT_ALLOWED, "ERR_METHOD", f"{method}: not allowed here")
