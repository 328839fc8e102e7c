"""Requests as a client library sends them, for tests of what kubectl does not do."""
import http.client
import json
import threading

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"


class Rest:
    """One server over plain HTTP; each call has a connection of its own."""

    def __init__(self, port):
        self.port = port

    def call(self, method, path, body=None, kind="application/json", accept="application/json", **headers):
        """The status code and the parsed answer. A body that is a text is sent as it is; `Impersonate_User` names a header."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            text = body if body is None or isinstance(body, str) else json.dumps(body)
            more = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, text, {"Content-Type": kind, "Accept": accept, **more})
            answer = connection.getresponse()
            text = answer.read()
            is_json = text.startswith((b"{", b"[")) and "json" in answer.getheader("Content-Type", "")
            return answer.status, json.loads(text) if is_json else text.decode()
        finally:
            connection.close()

    def must(self, method, path, body=None, kind="application/json"):
        """The answer; AssertionError when it is none of success."""
        code, answer = self.call(method, path, body, kind)
        if code // 100 != 2:
            raise AssertionError(f"{method} {path}: {code} {answer}")
        return answer

    def get(self, path):
        return self.must("GET", path)

    def post(self, path, body):
        return self.must("POST", path, body)

    def put(self, path, body):
        return self.must("PUT", path, body)

    def patch(self, path, body, kind=MERGE):
        return self.must("PATCH", path, body, kind)

    def delete(self, path, body=None):
        return self.must("DELETE", path, body)


class Watch:
    """A watch that writes down what it hears; close() ends it."""

    def __init__(self, port, path):
        self.events = []
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.connection.request("GET", path)
        self.answer = self.connection.getresponse()
        if self.answer.status != 200:
            raise AssertionError(f"watch {path}: {self.answer.status} {self.answer.read()}")
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        try:
            for line in iter(self.answer.readline, b""):
                self.events.append(json.loads(line))
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass  # closed

    def heard(self):
        """(type, name) of each event."""
        return [(e["type"], e["object"]["metadata"].get("name")) for e in list(self.events)]

    def close(self):
        if self.connection.sock:
            self.connection.sock.shutdown(2)
        self.connection.close()
        self.thread.join(10)
