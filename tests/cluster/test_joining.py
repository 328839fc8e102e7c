"""How a worker comes into the cluster, and what keeps it out: tokens, pins and certificates."""
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import ClusterTest, KubectlError
from hosts import run, wait_for

CA_CONFIG = """[ca]
default_ca = own
[own]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
[any]
commonName = supplied
organizationName = optional
"""


class Joining(ClusterTest):
    workers = ("node1",)
    layout = ("control-plane",)

    def start_apart(self, name, join):
        """A hollow worker with a data directory of its own on node1."""
        host = self.cluster.lan["node1"]
        config = self.cluster.write_config(host, "worker", join=join, nodeName=name, dataDir=self.data(name),
                                           **{"kubelet.runtime": "hollow"})
        return self.cluster.start_node(host, config, name)

    def data(self, name):
        return f"{self.cluster.lan['node1'].folder}/{name}"

    def joined(self, name):
        """A worker that has joined and was stopped again; returns its join section."""
        section = self.cluster.join()
        worker = self.start_apart(name, section)
        self.cluster.wait_nodes_ready(name)
        worker.stop()
        wait_for(lambda: self.ready(name) != "True", "the stopped worker is not Ready")
        return section

    def state(self):
        """What a refused worker must not change."""
        return [sorted(o["metadata"]["name"] for o in self.cluster.get(kind)["items"])
                for kind in ("nodes", "certificatesigningrequests")]

    def refused(self, name, says, join):
        """Starts a worker that ends by itself with an error that says so; nothing has changed then."""
        before = self.state()
        worker = self.start_apart(name, join)
        wait_for(lambda: not worker.running(), f"worker {name} gives up")
        self.assertNotEqual(worker.popen.returncode, 0)
        self.assertRegex(worker.log(), says)
        self.assertEqual(self.state(), before)

    # --- tokens --------------------------------------------------------------------------------------------------

    def test_a_wrong_token(self):
        self.refused("wrong-token", "the join token is wrong or has expired; make another with `troupe token create`",
                     {**self.cluster.join(), "token": "aaaaaa.bbbbbbbbbbbbbbbb"})

    def test_an_expired_token(self):
        section = self.cluster.join("worker", "--ttl", "1s")
        wait_for(lambda: "Unauthorized" in self.try_token(section["token"]), "the token expires")
        self.refused("expired-token", "the join token is wrong or has expired; make another with `troupe token create`",
                     section)

    def test_a_token_without_form(self):
        self.refused("formless", "join.token must look like abcdef.0123456789abcdef", {**self.cluster.join(), "token": "x"})

    def test_a_token_that_pins_another_ca(self):
        self.refused("wrong-pin", "does not fit join.caCertHash: this is another cluster, or somebody in between",
                     {**self.cluster.join(), "caCertHash": "sha256:" + "0" * 64})

    def try_token(self, token, *args):
        try:
            self.cluster.kubectl("--kubeconfig=/dev/null", "--server", self.cluster.server, "--insecure-skip-tls-verify",
                                 "--token", token, *(args or ("get", "--raw", "/api")))
        except KubectlError as error:
            return str(error)
        return ""

    def test_a_token_may_only_join(self):
        token = self.cluster.join()["token"]
        for args in (("get", "secrets", "-A"), ("get", "pods"), ("delete", "namespace", "default")):
            with self.subTest(args=args):
                self.assertIn("orbidden", self.try_token(token, *args))

    # --- certificates --------------------------------------------------------------------------------------------

    def test_a_worker_comes_back_with_its_certificate(self):
        """Its token is long gone from the cluster and from its config."""
        token = self.joined("again")["token"]
        self.cluster.kubectl("delete", "secret", "-n", "kube-system", f"bootstrap-token-{token.split('.')[0]}")
        self.assertIn("Unauthorized", self.try_token(token))
        requests = self.state()[1]
        worker = self.start_apart("again", {"server": self.cluster.server})
        self.cluster.wait_nodes_ready("again")
        self.assertEqual(self.state()[1], requests)
        worker.stop()

    def ready(self, name):
        return next(c["status"] for c in self.cluster.get("node", name)["status"]["conditions"] if c["type"] == "Ready")

    def test_an_expired_certificate(self):
        self.joined("late")
        self.expire("late")
        self.refused("late", r"join.token is missing, and the certificate .*kubelet.crt cannot be used: .*expired; "
                     "make one with `troupe token create`", {"server": self.cluster.server})
        worker = self.start_apart("late", self.cluster.join())
        wait_for(lambda: "has a certificate of the cluster now" in worker.log(), "another certificate")
        self.cluster.wait_nodes_ready("late")
        worker.stop()

    def expire(self, name):
        """Puts a certificate that ended in 2020 in the place of the worker's."""
        folder = f"{self.data(name)}/expired"
        os.makedirs(folder)
        for file, text in (("ca.conf", CA_CONFIG), ("index.txt", ""), ("serial", "01")):
            with open(f"{folder}/{file}", "w") as out:
                out.write(text)
        pki = f"{self.data(name)}/pki"
        run("openssl", "req", "-new", "-key", f"{pki}/kubelet.key", "-subj", f"/O=system:nodes/CN=system:node:{name}", "-out",
            "request", cwd=folder)
        run("openssl", "ca", "-batch", "-notext", "-config", "ca.conf", "-in", "request", "-out", "kubelet.crt", "-cert",
            f"{self.cluster.master.folder}/data/pki/ca.crt", "-keyfile", f"{self.cluster.master.folder}/data/pki/ca.key",
            "-startdate", "20200101000000Z", "-enddate", "20200201000000Z", cwd=folder)
        shutil.copy(f"{folder}/kubelet.crt", f"{pki}/kubelet.crt")

    def test_a_cluster_with_another_ca(self):
        """The cluster was made anew since the worker joined: it says so, and joins with the new pin and token."""
        self.joined("moved")
        ca = f"{self.data('moved')}/pki/cluster-ca.crt"
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=other",
            "-keyout", "/dev/null", "-out", ca)
        worker = self.start_apart("moved", {"server": self.cluster.server})
        wait_for(lambda: "which this host joined under; to join another cluster, or one made anew" in worker.log(),
                 "the worker tells what is wrong")
        self.assertTrue(worker.running())  # and goes on trying
        worker.kill()
        worker = self.start_apart("moved", self.cluster.join())
        wait_for(lambda: self.ready("moved") == "True", "the worker joins again")
        worker.stop()


if __name__ == "__main__":
    spec.main()
