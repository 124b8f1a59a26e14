"""A server that takes webhooks, with TLS, and can be told to misbehave."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.receivers import DROP_AFTER, DROP_BEFORE, HANG, OK, REDIRECT, REFUSE, TAKE, Quiet, Receiver

SECRET = "whsec_" + "c2VjcmV0" * 4


class Webhook(Receiver):
    """A server with TLS that takes POST."""

    name = "webhook"

    @property
    def settings(self):
        return {
            "HISTORY_STREAM_WEBHOOK": f"https://localhost:{self.port}/take?it=1",
            "HISTORY_STREAM_WEBHOOK_SECRET": SECRET,
            "HISTORY_STREAM_CA_FILE": self.certificate[0],
        }

    def make_server(self):
        outer = self

        class Server(Quiet, ThreadingHTTPServer):
            def finish_request(self, request, client_address):
                with outer.trusting(request) as wrapped:
                    super().finish_request(wrapped, client_address)

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                outer.converse(self)

        return Server(("127.0.0.1", self.port), Handler)

    def converse(self, handler: BaseHTTPRequestHandler) -> None:
        """Take it or not, answer or not."""
        if self.mode == HANG:
            self.released.wait(10)
        if self.mode in (HANG, DROP_BEFORE):
            handler.rfile.read(100)
            return
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        if self.mode in (OK, DROP_AFTER, TAKE):
            self.raw.append((dict(handler.headers.items()), body))
            self.batches.append(json.loads(body)["data"]["entries"])
        if self.mode == TAKE:
            self.released.wait(10)
        if self.mode in (DROP_AFTER, TAKE):
            return
        handler.send_response({OK: 204, REFUSE: 500, REDIRECT: 302}[self.mode])
        if self.mode == REDIRECT:
            handler.send_header("Location", f"https://localhost:{self.port}/other")
        handler.end_headers()
