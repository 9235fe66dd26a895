"""An HTTPS port on loopback that answers JSON, one function for all calls."""

import json
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Answered = tuple[int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class JsonPort:
    """Serves until it is closed. Set ``cut_after`` to end every answer after so many bytes."""

    def __init__(self, answer: Callable[[Call], Answered], certificate: Path, key: Path) -> None:
        """Listen on a free port."""
        self.cut_after: int | None = None
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.minimum_version = ssl.TLSVersion.TLSv1_2
        tls.load_cert_chain(certificate, key)
        handler = type("Handler", (_Handler,), {"port": self, "answer": staticmethod(answer)})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        plain = self._server.socket
        self._server.socket = tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        self.number = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()

    def close(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    port: JsonPort
    answer: Callable[[Call], Answered]
    protocol_version = "HTTP/1.1"
    timeout = 60.0

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, said = self.answer(Call(self.command, self.path, dict(self.headers.items()), body))
        content = json.dumps(said, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: self.port.cut_after])
        self.close_connection = self.close_connection or self.port.cut_after is not None

    do_GET = do_POST = do_DELETE = _take  # noqa: N815 - the base class's names

    def log_message(self, format: str, *args: object) -> None:
        """Keep standard error for errors."""
