"""The cloud's port: RPC calls by GET or POST, JSON answers, error documents."""

import contextlib
import json
import secrets
import socket
import ssl
import sys
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from nornir_itsm.lab.aliyun.errors import ApiError, Lost

MAX_BODY = 1 << 20
"""Bytes (assumed)."""


class Cloud(Protocol):
    """What answers behind the port."""

    cut_after: int | None
    """Bytes of an answer after which the connection is lost."""

    def answer(
        self, method: str, parameters: Mapping[str, str], headers: Mapping[str, str]
    ) -> dict[str, Any]:
        """Return the answer to one call. Raises ApiError and Lost."""
        ...


class Port(ThreadingHTTPServer):
    """An HTTP or HTTPS server on a free loopback port, one thread per connection."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, cloud: Cloud, certificate: Path | None, key: Path | None) -> None:
        """Bind; nothing is answered before ``open``."""
        self.cloud = cloud
        super().__init__(("127.0.0.1", 0), _Handler)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self._connections: set[socket.socket] = set()
        self._thread = threading.Thread(
            target=self.serve_forever, args=(0.05,), name="lab-cloud", daemon=True
        )

    def open(self) -> int:
        """Serve; return the port."""
        self._thread.start()
        return int(self.server_address[1])

    def close(self) -> None:
        """Cut every connection, close the port and end the thread."""
        self.shutdown()
        self.server_close()
        for connection in tuple(self._connections):
            with contextlib.suppress(OSError):  # it is closed already
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
        self._thread.join(10)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept, and remember the connection."""
        connection, peer = super().get_request()
        self._connections.add(connection)
        return connection, peer

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that is over."""
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet about clients that go away or do not trust the certificate."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: Port
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 30.0

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _serve(self) -> None:
        request = secrets.token_hex(16).upper()
        try:
            answer = self.server.cloud.answer(self.command, self._parameters(), dict(self.headers.items()))
            self._send(200, {"RequestId": request, **answer}, self.server.cloud.cut_after)
        except Lost:
            self.close_connection = True
        except ApiError as error:
            said = {"Code": error.code, "Message": error.message, "HostId": "127.0.0.1", "Recommend": ""}
            self._send(error.status, {"RequestId": request, **said}, None)

    def _parameters(self) -> dict[str, str]:
        parts = urlsplit(self.path)
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True
            raise ApiError(413, "RequestTooLarge", "The body is too large.")
        body = self.rfile.read(int(length)).decode("utf-8", "replace")
        if parts.path != "/":
            raise ApiError(404, "InvalidAction.NotFound", "Specified api is not found.")
        pairs = [*parse_qsl(parts.query, keep_blank_values=True), *parse_qsl(body, keep_blank_values=True)]
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ApiError(400, "InvalidParameter", "A parameter is given twice.")
        return found

    def _send(self, status: int, document: Mapping[str, Any], cut_after: int | None) -> None:
        content = json.dumps(document, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json;charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:cut_after])
        self.close_connection = self.close_connection or cut_after is not None
