"""A small HTTPS server of webhooks for tests, with a certificate of its own making."""
import base64
import json
import ssl
import subprocess
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def allowed(request, **more):
    return {"uid": request["uid"], "allowed": True, **more}


def denied(request, message, **status):
    return {"uid": request["uid"], "allowed": False, "status": {"message": message, **status}}


def patched(request, *operations):
    return allowed(request, patchType="JSONPatch", patch=base64.b64encode(json.dumps(operations).encode()).decode())


def self_signed(folder, names):
    """A certificate for such names and its key, as two files."""
    key, certificate = f"{folder}/key.pem", f"{folder}/cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=webhooks", "-addext", f"subjectAltName={names}", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    return certificate, key


class Webhooks:
    """`handlers` are functions from a review's request to its response, by path; raw bytes are sent as they are. What was
    asked is kept in `asked`, by path."""

    def __init__(self, handlers, names="IP:127.0.0.1", address="127.0.0.1"):
        self.folder = tempfile.TemporaryDirectory()
        self.asked = {path: [] for path in handlers}
        certificate, key = self_signed(self.folder.name, names)
        with open(certificate, "rb") as file:
            self.ca = base64.b64encode(file.read()).decode()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                path = self.path.split("?")[0]
                outer.asked[path].append(review["request"])
                made = handlers[path](review["request"])
                body = made if isinstance(made, bytes) else json.dumps(
                    {"apiVersion": review["apiVersion"], "kind": review["kind"], "response": made}).encode()
                try:
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    self.close_connection = True  # the caller lost patience

            def log_message(self, *args):
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, request, client_address):
                pass  # callers that do not trust the certificate, or lose patience

        self.server = Server((address, 0), Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def config(self, path):
        return {"url": f"https://127.0.0.1:{self.port}{path}", "caBundle": self.ca}

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()
