"""The controllers of docs/examples/controller-process, built as its guide says, beside a control plane that is killed."""
import os
import shutil
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from hosts import Process, wait_for
from local import NamespaceTest, Up, free_port
from spec import troupe

EXAMPLE = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "examples", "controller-process")
GREETING = "apiVersion: example.com/v1\nkind: Greeting\nmetadata: {name: NAME}\nspec: {to: TO}\n"


class ControllerProcess(NamespaceTest):
    nodes = 1

    @classmethod
    def setUpClass(cls):
        for tool in ("kubectl", "cmake"):
            if not shutil.which(tool):
                raise unittest.SkipTest(f"{tool} is not installed")
        build = os.path.dirname(os.path.abspath(troupe()))
        if not os.path.exists(f"{build}/troupe_client-config.cmake"):
            raise unittest.SkipTest("the binary under test lies in no build's folder")
        # The doors keep their ports over a restart, as anybody's do who is dialed.
        cls.up = Up(nodes=cls.nodes, edge_port=free_port())
        cls.addClassCleanup(cls.up.stop)
        cls.program = cls.built(build)
        cls.up.kubectl("apply", "-f", f"{EXAMPLE}/greeting.yaml")
        cls.terms = f"{cls.up.folder}/join.yaml"
        made = cls.up.troupe("token", "create", "--role", "controller", "--name", "greetings", "--data-dir", cls.up.data)
        with open(cls.terms, "w") as file:
            file.write(made.stdout)
        cls.process = cls.start()
        cls.addClassCleanup(lambda: cls.process.running() and cls.process.stop())

    @classmethod
    def built(cls, build):
        """The example's program; made in a folder of its own."""
        out = f"{cls.up.folder}/greetings"
        for command in (["cmake", "-S", EXAMPLE, "-B", out, f"-Dtroupe_client_DIR={build}", "-DCMAKE_BUILD_TYPE=Debug"],
                        ["cmake", "--build", out]):
            done = subprocess.run(command, capture_output=True, text=True, timeout=300)
            if done.returncode != 0:
                raise AssertionError(f"{' '.join(command)}: {done.stdout[-3000:]}{done.stderr[-3000:]}")
        return f"{out}/greetings"

    @classmethod
    def start(cls):
        return Process([cls.program, "--join", cls.terms, "--data-dir", f"{cls.up.folder}/member"], f"{cls.up.folder}/greetings.log")

    @classmethod
    def standby(cls, name):
        """Another process of the same controller, which joins by itself and takes part in the election."""
        return Process([cls.program, "--join", cls.terms, "--data-dir", f"{cls.up.folder}/{name}", "--leader-elect",
                        "--leader-elect-lease-duration=4s", "--leader-elect-renew-deadline=2s", "--leader-elect-retry-period=500ms"],
                       f"{cls.up.folder}/{name}.log")

    @classmethod
    def logs(cls):
        return super().logs() + "\n--- greetings.log\n" + "\n".join(cls.process.log().splitlines()[-40:])

    def greet(self, name, whom):
        self.kubectl("apply", "-f", "-", input=GREETING.replace("NAME", name).replace("TO", whom))

    def text(self, name):
        return self.up.kubectl("get", "configmap", name, "-o", "jsonpath={.data.text}").stdout

    def said(self, name):
        return self.up.kubectl("get", "greeting", name, "-o", "jsonpath={.status.said}").stdout

    def test_a_custom_kind(self):
        self.greet("a", "Ada")
        wait_for(lambda: self.said("a") == "Hello, Ada!", "the status says so", 10)
        self.assertEqual(self.text("a"), "Hello, Ada!")
        self.greet("a", "Bob")
        wait_for(lambda: self.said("a") == "Hello, Bob!", "the status follows", 10)
        self.kubectl("delete", "configmap", "a")
        wait_for(lambda: self.text("a") == "Hello, Bob!", "it is made again", 10)
        wait_for(lambda: "Greeted" in self.kubectl("get", "events", "--field-selector", "involvedObject.name=a"), "an Event says so", 10)
        self.kubectl("delete", "greeting", "a")
        wait_for(lambda: self.text("a") == "", "the ConfigMap goes with it", 10)

    def test_a_controller_that_was_made_for_the_control_plane(self):
        self.kubectl("label", "namespace", self.namespace, "example.com/pods=3")
        hard = lambda: self.up.kubectl("get", "resourcequota", "pods", "-o", "jsonpath={.spec.hard.pods}").stdout
        wait_for(lambda: hard() == "3", "a quota of three pods", 10)
        self.kubectl("label", "namespace", self.namespace, "example.com/pods-")
        wait_for(lambda: hard() == "", "it goes with the label", 10)

    def test_its_rights_are_those_that_rbac_gives(self):
        as_it = ("--as", "troupe:controller:greetings", "--as-group", "troupe:controllers", "--as-group", "system:authenticated")
        self.assertIn("yes", self.kubectl("auth", "can-i", "create", "configmaps", *as_it))
        self.assertIn("no", self.up.kubectl("auth", "can-i", "get", "secrets", *as_it).stdout)
        self.kubectl("delete", "clusterrolebinding", "greetings-controller")
        try:
            self.greet("a", "Ada")
            wait_for(lambda: "configmaps is forbidden" in self.process.log(), "its log says that it may not", 10)
            self.assertIn('User "troupe:controller:greetings" cannot', self.process.log())
            self.assertEqual(self.text("a"), "")
        finally:
            self.up.kubectl("apply", "-f", f"{EXAMPLE}/greeting.yaml")
        wait_for(lambda: self.said("a") == "Hello, Ada!", "it goes on when it may again", 90)

    def test_a_token_is_good_for_its_controller_alone(self):
        with open(self.terms) as file:
            terms = file.read()
        other = f"{self.up.folder}/other.yaml"
        with open(other, "w") as file:
            file.write(terms.replace("name: greetings", "name: another"))
        done = Process([self.program, "--join", other, "--data-dir", f"{self.up.folder}/another"], f"{self.up.folder}/another.log")
        try:
            wait_for(lambda: "troupe-controller-" in self.up.kubectl("get", "csr").stdout and "Pending" in self.up.kubectl("get", "csr").stdout,
                     "a request that nobody approves", 10)
        finally:
            done.kill()

    def test_kills_of_the_control_plane(self):
        self.greet("before", "Ada")
        wait_for(lambda: self.said("before") == "Hello, Ada!", "the status says so", 10)
        for n in range(3):
            self.up.kill_and_restart()
            self.kubectl("config", "set-context", "--current", "--namespace", self.namespace)
            self.greet("before", f"N{n}")
            wait_for(lambda: self.said("before") == f"Hello, N{n}!", "it goes on", 20)
        self.assertTrue(self.process.running())

    def test_kills_of_its_own(self):
        type(self).process.kill()
        self.greet("a", "Ada")
        type(self).process = self.start()
        wait_for(lambda: self.said("a") == "Hello, Ada!", "the next one does it, with the certificate of the first", 20)
        self.assertEqual(self.text("a"), "Hello, Ada!")

    def lease(self, member):
        return self.up.kubectl("-n", "kube-system", "get", "lease", "greetings", "-o", f"jsonpath={{.spec.{member}}}").stdout

    def test_one_of_several_leads(self):
        cls = type(self)
        cls.process.kill()
        leads = lambda p: "controller greeter runs" in p.log()
        first, second = self.standby("first"), None
        try:
            wait_for(lambda: leads(first), "the first leads", 20)
            second = self.standby("second")
            wait_for(lambda: "new leader elected: " + self.lease("holderIdentity") in second.log(), "the second waits", 20)
            self.greet("a", "Ada")
            wait_for(lambda: self.said("a") == "Hello, Ada!", "the leader does it", 10)
            self.assertFalse(leads(second))

            first.kill()
            self.greet("a", "Bob")
            wait_for(lambda: self.said("a") == "Hello, Bob!", "the second takes over when the Lease has run out", 20)
            self.assertTrue(leads(second))
            self.assertEqual(self.lease("leaseTransitions"), "1")

            first = self.standby("first")
            wait_for(lambda: first.log().count("new leader elected") == 1, "the first waits, started again", 20)
            self.assertEqual(second.stop(), 0)
            wait_for(lambda: first.log().count("controller greeter runs") == 2, "it leads: the Lease was given back", 5)
            events = self.kubectl("-n", "kube-system", "get", "events", "--field-selector", "reason=LeaderElection,involvedObject.name=greetings")
            self.assertEqual(events.count("became leader"), 3, events)

            # Who cannot renew the Lease ends.
            first.popen.send_signal(signal.SIGSTOP)
            second = self.standby("second")
            wait_for(lambda: second.log().count("controller greeter runs") == 2, "the second takes over from one that hangs", 20)
            first.popen.send_signal(signal.SIGCONT)
            wait_for(lambda: not first.running(), "the one that hung ends", 10)
            self.assertEqual(first.popen.wait(), 1)
            self.assertIn("leader election lost", first.log())
        finally:
            for process in (first, second):
                if process and process.running():
                    process.kill()
            cls.process = cls.start()

    def test_compacted_history(self):
        self.greet("a", "Ada")
        wait_for(lambda: self.said("a") == "Hello, Ada!", "the status says so", 10)
        self.up.compact()
        self.up.kill_and_restart()
        self.kubectl("config", "set-context", "--current", "--namespace", self.namespace)
        self.kubectl("delete", "configmap", "a")
        wait_for(lambda: self.text("a") == "Hello, Ada!", "it lists everything again", 20)


if __name__ == "__main__":
    spec.main()
