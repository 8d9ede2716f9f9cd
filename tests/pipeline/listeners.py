"""A mail server and a web server on this machine, which keep what they are sent."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Post:
    """What has arrived.

    Attributes:
        settings: The environment variables by which Airflow and the report find both servers.
    """

    mails: list[Message] = field(default_factory=list)
    hooks: list[dict[str, Any]] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)


@contextmanager
def listeners() -> Iterator[Post]:
    """Both servers, on free ports."""
    post = Post()

    class Mailbox:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's
            post.mails.append(BytesParser(policy=default).parsebytes(envelope.content))
            return "250 OK"

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            post.hooks.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    web = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    with socket.create_server(("127.0.0.1", 0)) as free:
        mail_port = free.getsockname()[1]
    mail = Controller(Mailbox(), hostname="127.0.0.1", port=mail_port)
    mail.start()
    options = {"disable_ssl": True, "disable_tls": True, "from_email": "kho@example.vn"}
    smtp = {"conn_type": "smtp", "host": "127.0.0.1", "port": mail_port, "extra": options}
    post.settings = {
        "AIRFLOW_CONN_SMTP_DEFAULT": json.dumps(smtp),
        "AIRFLOW_CONN_WEBHOOK": f"http://127.0.0.1:{web.server_port}",
        "SANGKIEN_ALERTS__EMAIL_TO": json.dumps(["truc@example.vn"]),
        "SANGKIEN_ALERTS__WEBHOOK_CONNECTION": "webhook",
    }
    try:
        yield post
    finally:
        mail.stop()
        web.shutdown()
        web.server_close()
