"""A small API server for tests, which an APIService leads to: one resource, kept in memory."""
import base64
import json
import queue
import ssl
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from webhooks import self_signed


def status(code, reason, message):
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message}


class Extension:
    """Serves `widgets` of GROUP/v1 in namespaces. Believes whoever shows a certificate of `front_ca` (PEM) that they ask in
    the name of X-Remote-User, as an extension server does. `asked` has (method, path, user, groups) of each request."""

    def __init__(self, group, address, front_ca, names, port=0):
        self.group, self.address = group, address
        self.folder = tempfile.TemporaryDirectory()
        self.files = self_signed(self.folder.name, names)
        with open(self.files[0], "rb") as file:
            self.ca = base64.b64encode(file.read()).decode()
        self.front_ca = front_ca
        self.objects, self.version, self.watchers, self.asked = {}, 1, [], []
        self.lock = threading.Lock()
        self.port = port
        self.start()

    def start(self):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def reply(self, code, body):
                text = json.dumps(body).encode()
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.send_header("Audit-Id", self.headers["Audit-ID"])
                self.end_headers()
                self.wfile.write(text)

            def handle_any(self):
                peer = self.connection.getpeercert()
                names = dict(part[0] for part in peer["subject"]) if peer else {}
                if names.get("commonName") != "front-proxy-client":
                    return self.reply(401, status(401, "Unauthorized", "who asks?"))
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                url = urlsplit(self.path)
                with outer.lock:
                    outer.asked.append((self.command, url.path, self.headers["X-Remote-User"], self.headers.get_all("X-Remote-Group")))
                outer.answer(self, self.command, url.path, parse_qs(url.query), body)

            do_GET = do_POST = do_PUT = do_DELETE = handle_any

            def log_message(self, *args):
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, request, client_address):
                pass  # clients that leave

        self.server = Server((self.address, self.port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.files)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(cadata=self.front_ca)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler, method, path, query, body):
        base = f"/apis/{self.group}/v1"
        if path == base:
            return handler.reply(200, {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": f"{self.group}/v1", "resources": [
                {"name": "widgets", "singularName": "widget", "namespaced": True, "kind": "Widget", "shortNames": ["wd"],
                 "verbs": ["create", "delete", "get", "list", "update", "watch"]}]})
        if path == "/openapi/v2":
            return handler.reply(200, self.openapi_2())
        if path == "/openapi/v3":
            return handler.reply(200, {"paths": {base[1:]: {"serverRelativeURL": f"/openapi/v3{base}?hash=1"}}})
        if path == f"/openapi/v3{base}":
            return handler.reply(200, {"openapi": "3.0.0", "info": {"title": "widgets", "version": "v1"}, "paths": {}})
        parts = path[len(base) + 1:].split("/")
        if not path.startswith(base + "/namespaces/") or len(parts) not in (3, 4) or parts[2] != "widgets":
            if path == f"{base}/widgets":
                return handler.reply(200, self.listed(None))
            return handler.reply(404, status(404, "NotFound", "the server could not find the requested resource"))
        namespace, name = parts[1], parts[3] if len(parts) == 4 else None
        if name is None and method == "GET" and query.get("watch", ["false"])[0] not in ("false", "0"):
            return self.watch(handler, namespace)
        if name is None and method == "GET":
            return handler.reply(200, self.listed(namespace))
        if name is None and method == "POST":
            return handler.reply(201, self.put(namespace, body))
        found = self.objects.get((namespace, name))
        if not found:
            return handler.reply(404, status(404, "NotFound", f'widgets.{self.group} "{name}" not found'))
        if method == "DELETE":
            wanted = (body or {}).get("preconditions", {})
            if any(found["metadata"][key] != value for key, value in wanted.items()):
                return handler.reply(409, status(409, "Conflict", "the object has changed"))
            self.remove(namespace, name)
        if method == "PUT":
            found = self.put(namespace, body)
        return handler.reply(200, found)

    def openapi_2(self):
        """As kube-apiserver's library writes it: with named parameters, and other groups' definitions."""
        base = f"/apis/{self.group}/v1"
        kind = {"group": self.group, "version": "v1", "kind": "Widget"}
        meta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
        return {"swagger": "2.0", "info": {"title": "widgets", "version": "v1"},
                "paths": {f"{base}/namespaces/{{namespace}}/widgets": {
                    "parameters": [{"$ref": "#/parameters/namespace"}],
                    "post": {"consumes": ["application/json"], "operationId": "createWidget", "x-kubernetes-action": "post",
                             "x-kubernetes-group-version-kind": kind,
                             "parameters": [{"name": "body", "in": "body", "required": True, "schema": {"$ref": "#/definitions/example.Widget"}}],
                             "responses": {"200": {"description": "OK", "schema": {"$ref": "#/definitions/example.Widget"}}}}},
                          "/apis/apps/v1/deployments": {"get": {"responses": {"200": {"description": "not ours to tell"}}}}},
                "parameters": {"namespace": {"name": "namespace", "in": "path", "type": "string", "required": True, "uniqueItems": True}},
                "definitions": {"example.Widget": {"type": "object", "description": "something to wear", "properties": {
                    "apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"$ref": f"#/definitions/{meta}"},
                    "colour": {"type": "string"}}, "x-kubernetes-group-version-kind": [kind]},
                    meta: {"type": "object", "description": "of another version", "properties": {"name": {"type": "string"}}},
                    "example.Unused": {"type": "object"}}}

    def listed(self, namespace):
        with self.lock:
            return {"kind": "WidgetList", "apiVersion": f"{self.group}/v1", "metadata": {"resourceVersion": str(self.version)},
                    "items": [o for (ns, _), o in sorted(self.objects.items()) if namespace in (None, ns)]}

    def put(self, namespace, body):
        with self.lock:
            self.version += 1
            known = self.objects.get((namespace, body["metadata"]["name"]))
            body["metadata"].update(namespace=namespace, resourceVersion=str(self.version),
                                    uid=known["metadata"]["uid"] if known else f"u{self.version}", creationTimestamp="2024-01-01T00:00:00Z")
            self.objects[namespace, body["metadata"]["name"]] = body
            self.tell(namespace, "ADDED", body)
            return body

    def remove(self, namespace, name):
        with self.lock:
            self.version += 1
            self.tell(namespace, "DELETED", self.objects.pop((namespace, name)))

    def tell(self, namespace, kind, body):
        for watched, events in self.watchers:
            if watched == namespace:
                events.put({"type": kind, "object": body})

    @staticmethod
    def table(event):
        """The event with its object as a row, for those who print it."""
        body = event["object"]
        return {"type": event["type"], "object": {
            "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {},
            "columnDefinitions": [{"name": "Name", "type": "string", "format": "name", "description": "", "priority": 0}],
            "rows": [{"cells": [body["metadata"]["name"]], "object": {
                "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": body["metadata"]}}]}}

    def watch(self, handler, namespace):
        events = queue.Queue()
        shown = self.table if "as=Table" in (handler.headers["Accept"] or "") else lambda event: event
        with self.lock:
            self.watchers.append((namespace, events))
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        try:
            while True:
                line = json.dumps(shown(events.get(timeout=30))).encode() + b"\n"
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                handler.wfile.flush()
        except (OSError, queue.Empty):
            handler.close_connection = True
        finally:
            with self.lock:
                self.watchers.remove((namespace, events))
