#!/usr/bin/python3
"""A registry of one OCI archive (make_image.py's) for who knows its password: the reading half of the distribution API.

usage: registry.py ARCHIVE PORT USER PASSWORD      on 127.0.0.1, whose registries runtimes ask without TLS
"""
import base64
import hashlib
import json
import sys
import tarfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def read(archive):
    with tarfile.open(archive) as tar:
        return {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}


class Registry(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    files, manifests, password = {}, {}, ""

    def answer(self, code, body=b"", **headers):
        self.send_response(code)
        for name, value in {"Content-Length": str(len(body)), **{k.replace("_", "-"): v for k, v in headers.items()}}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        if self.headers.get("Authorization") != "Basic " + base64.b64encode(self.password.encode()).decode():
            return self.answer(401, b"", WWW_Authenticate='Basic realm="registry"')
        *_, kind, reference = self.path.split("/")
        if kind == "manifests":
            digest = self.manifests.get(reference, reference)
            body = self.files.get("blobs/" + digest.replace(":", "/"))
            if body:
                return self.answer(200, body, Content_Type=json.loads(body)["mediaType"], Docker_Content_Digest="sha256:" + hashlib.sha256(body).hexdigest())
        elif kind == "blobs" and (body := self.files.get("blobs/" + reference.replace(":", "/"))):
            return self.answer(200, body, Content_Type="application/octet-stream")
        self.answer(200 if self.path == "/v2/" else 404)

    do_HEAD = do_GET


def main(archive, port, user, password):
    Registry.files = read(archive)
    Registry.password = f"{user}:{password}"
    for manifest in json.loads(Registry.files["index.json"])["manifests"]:
        name = manifest["annotations"].get("io.containerd.image.name", manifest["annotations"].get("org.opencontainers.image.ref.name", ""))
        Registry.manifests[name.rsplit(":", 1)[-1]] = manifest["digest"]
    ThreadingHTTPServer(("127.0.0.1", int(port)), Registry).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
