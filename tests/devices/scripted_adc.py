"""An HTTPS server that answers what a test says: for what the lab is too well-behaved to do."""

import ssl
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

import openpyxl

from nornir_itsm.devices.fleet import NornirFleet, init_nornir
from nornir_itsm.lab.tls import Authority
from nornir_itsm.sources.sangfor_ad import SangforAd

Answer = tuple[int, bytes]
Script = Mapping[str, Answer | Callable[[str], Answer]]


class ScriptedAdc:
    """``script`` maps a method to an answer, or to a function of the path that gives one."""

    def __init__(self, script: Script, folder: Path, host: str = "127.0.0.1") -> None:
        self.heard: list[str] = []
        authority = Authority()
        certificate, key = authority.server()
        self._files = [folder / name for name in ("ca.pem", "server.pem", "server.key")]
        for file, content in zip(self._files, (authority.certificate(), certificate, key), strict=True):
            file.write_bytes(content)
        self._server = ThreadingHTTPServer((host, 0), _handler(script, self.heard))
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._files[1], self._files[2])
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fleet(self, folder: Path) -> NornirFleet:
        """Return a fleet of this one device, LB-1."""
        (folder / "secret").write_text("p", encoding="utf-8")
        book = openpyxl.Workbook()
        book.worksheets[0].append(("name", "hostname", "port", "platform", "username", "password", "ca"))
        host, port = self._server.server_address[:2]
        secret, ca = f"file:{folder / 'secret'}", str(self._files[0])
        book.worksheets[0].append(("LB-1", str(host), port, "sangfor_ad", "netops", secret, ca))
        book.save(folder / "devices.xlsx")
        config = folder / "config.yaml"
        config.write_text(
            "inventory: {plugin: itsm-excel, options: {path: devices.xlsx}}\n", encoding="utf-8"
        )
        return NornirFleet(init_nornir(config, folder / "known_hosts"), folder / "known_hosts", {})

    def client(self, timeout: float = 2.0) -> SangforAd:
        """Return a client that trusts this server."""
        host, port = self._server.server_address[:2]
        base = f"https://{host!s}:{port}/api/ad/v3"
        return SangforAd("LB-1", base, username="示例", password="p", ca=self._files[0], timeout=timeout)


def _handler(script: Script, heard: list[str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            heard.append(f"{self.command} {self.path}")
            entry = script[self.command]
            status, body = entry(self.path) if callable(entry) else entry
            self.send_response(status)
            if status in (301, 302):
                self.send_header("Location", "https://127.0.0.1:1/")
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
