"""The completion scripts, loaded and used in the real shells; colours and progress on a real terminal."""
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
import unittest

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import pod
from hosts import wait_for
from local import UpTest
from spec import troupe

ESCAPES = re.compile(r"\x1b(\[[0-9;?=>]*[a-zA-Z]|\][^\x07]*\x07|[=>])")


class Terminal:
    """A program on a pseudo-terminal."""

    def __init__(self, command, env):
        self.screen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, env)

    def type(self, text):
        os.write(self.fd, text.encode())

    def read(self, seconds):
        """Reads what comes within the time; False at the end of the program."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.screen += data.decode(errors="replace")
        return bool(data)

    def wait_for(self, pattern, timeout=30):
        """Until the screen, without escapes, shows the pattern; what was there before is forgotten."""
        deadline = time.monotonic() + timeout
        while True:
            plain = ESCAPES.sub("", self.screen)
            if re.search(pattern, plain):
                self.screen = ""
                return plain
            if time.monotonic() > deadline or not self.read(0.1):
                raise AssertionError(f"no {pattern!r} on the screen: {plain!r}")

    def rest(self, timeout=60):
        """All that comes until the program ends."""
        deadline = time.monotonic() + timeout
        while self.read(0.1):
            if time.monotonic() > deadline:
                raise AssertionError(f"does not end: {self.screen!r}")
        return self.screen

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


class TerminalTest(UpTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.up.kubectl("create", "-f", "-", input=yaml.safe_dump_all([pod("webserver"), pod("database")]))
        wait_for(lambda: cls.up.kubectl("get", "pods", "--no-headers").stdout.count("Running") == 2, "both pods run")
        bin_folder = f"{cls.up.folder}/bin"
        os.makedirs(bin_folder)
        os.symlink(troupe(), f"{bin_folder}/troupe")
        cls.env = {"PATH": f"{bin_folder}:{os.environ['PATH']}", "HOME": cls.up.folder, "TERM": "xterm",
                   "KUBECONFIG": cls.up.kubeconfig, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}

    def start(self, *command, **env):
        terminal = Terminal(command, {**self.env, **env})
        self.addCleanup(terminal.close)
        return terminal


class Shells(TerminalTest):
    def interactive(self, shell, command, load):
        """A shell with the script loaded, at its prompt."""
        if not shutil.which(shell):
            self.skipTest(f"{shell} is not installed")
        terminal = self.start(*command)
        terminal.type(f"PS1='ready> '; {load}; echo loaded=$?\n")
        terminal.wait_for(r"loaded=0\s+ready> ")
        return terminal

    def completes(self, terminal, typed, wanted):
        terminal.type(typed + "\t")
        terminal.wait_for(re.escape(wanted))
        terminal.type("\x15")  # an empty line again

    def tries(self, terminal):
        for typed, wanted in (("troupe unc", "troupe uncordon"), ("troupe delete --grace", "troupe delete --grace-period"),
                              ("troupe get pods webs", "troupe get pods webserver"),
                              ("troupe describe pod/dat", "troupe describe pod/database"),
                              ("troupe get pods --output=ya", "troupe get pods --output=yaml")):
            self.completes(terminal, typed, wanted)

    def test_bash(self):
        self.tries(self.interactive("bash", ["bash", "--norc", "--noprofile", "-i"], "source <(troupe completion bash)"))

    def test_zsh(self):
        self.tries(self.interactive("zsh", ["zsh", "-f", "-o", "no_prompt_sp", "-i"],
                                    "autoload -U compinit; compinit -u -D; source <(troupe completion zsh)"))

    def test_fish(self):
        if not shutil.which("fish"):
            self.skipTest("fish is not installed")

        def completed(line):
            done = subprocess.run(["fish", "--no-config", "-c", f"troupe completion fish | source; complete -C '{line}'"],
                                  capture_output=True, text=True, timeout=60, env=self.env)
            self.assertEqual((done.stderr, done.returncode), ("", 0))
            return [line.split("\t")[0] for line in done.stdout.splitlines()]
        self.assertEqual(completed("troupe unc"), ["uncordon"])
        self.assertEqual(completed("troupe delete --grace"), ["--grace-period"])
        self.assertEqual(completed("troupe get pods webs"), ["webserver"])
        self.assertEqual(completed("troupe describe pod/dat"), ["pod/database"])
        self.assertIn("webserver", completed("troupe get pods "))
        self.assertEqual(completed("troupe get pods --output=ya"), ["--output=yaml"])


class Colours(TerminalTest):
    GREEN = "\x1b[32mRunning\x1b[0m"
    RED = "\x1b[31mError from server (NotFound):\x1b[0m"

    def shown(self, *args, **env):
        return self.start(troupe(), *args, **env).rest()

    def test_on_a_terminal_only(self):
        self.assertIn(self.GREEN, self.shown("get", "pods"))
        self.assertIn(self.RED, self.shown("get", "pod", "absent"))
        self.assertIn("\x1b[32mNormal\x1b[0m", self.shown("events"))
        done = self.up.troupe("get", "pods")
        self.assertNotIn("\x1b", done.stdout)
        self.assertNotIn("\x1b", self.up.troupe("get", "pod", "absent").stderr)

    def test_the_users_wish(self):
        self.assertNotIn("\x1b", self.shown("get", "pods", NO_COLOR="1"))
        self.assertNotIn("\x1b", self.shown("get", "pods", "--color=never"))
        self.assertIn(self.GREEN, self.shown("get", "pods", "--color=always", NO_COLOR="1"))
        self.assertIn(self.GREEN, self.up.troupe("get", "pods", "--color=always").stdout)
        self.assertIn("--color", self.up.troupe("get", "pods", "--color=sometimes").stderr)

    def test_progress_while_a_pod_ends(self):
        self.kubectl("create", "-f", "-", input=yaml.safe_dump(
            {**pod("slow", terminationGracePeriodSeconds=8), "metadata": {"name": "slow", "finalizers": ["example.com/hold"]}}))
        terminal = self.start(troupe(), "delete", "pod", "slow")
        terminal.wait_for(r"waiting for pod/slow to end, \d+ s")
        self.kubectl("patch", "pod", "slow", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
        terminal.rest()


if __name__ == "__main__":
    spec.main()
