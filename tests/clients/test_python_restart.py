"""Watches and lists of the Python client that go on over a kill of the server, or learn that their version is forgotten."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from local import UpTest

try:
    import kubernetes
except ImportError:
    kubernetes = None


def config_map(name):
    return {"metadata": {"name": name}}


@unittest.skipUnless(kubernetes, "python3-kubernetes is not installed")
class WatchOverRestart(UpTest):
    def core(self):
        return kubernetes.client.CoreV1Api(kubernetes.config.new_client_from_config(self.up.kubeconfig))

    def events_since(self, version, count, **selectors):
        seen = []
        for event in kubernetes.watch.Watch().stream(self.core().list_namespaced_config_map, "default",
                                                     resource_version=version, timeout_seconds=2,
                                                     **selectors):
            seen.append(f"{event['type']} {event['object'].metadata.name}")
            if len(seen) == count:
                break
        return seen

    def test_a_version_of_before_a_kill_is_resumed_from(self):
        core = self.core()
        core.create_namespaced_config_map("default", config_map("early"))
        version = core.list_namespaced_config_map("default").metadata.resource_version
        core.create_namespaced_config_map("default", config_map("before"))
        core.patch_namespaced_config_map("early", "default", {"data": {"a": "1"}})
        core.delete_namespaced_config_map("before", "default")
        self.up.kill_and_restart()
        self.core().create_namespaced_config_map("default", config_map("after"))
        self.assertEqual(self.events_since(version, 4),
                         ["ADDED before", "MODIFIED early", "DELETED before", "ADDED after"])

    def test_a_selection_is_resumed_with_what_preceded_each_change(self):
        core = self.core()
        version = core.list_namespaced_config_map("default").metadata.resource_version

        def change(name, labels):
            core.patch_namespaced_config_map(name, "default", {"metadata": {"labels": labels}})
        for name in ("moving", "never"):
            core.create_namespaced_config_map("default", config_map(name))
        change("never", {"in": "no"})
        change("moving", {"in": "yes"})
        change("moving", {"in": "no"})
        change("moving", {"out": "yes"})
        self.up.kill_and_restart()
        self.assertEqual(self.events_since(version, 3, label_selector="in=yes"), ["ADDED moving", "DELETED moving"])
        listed = self.core().list_namespaced_config_map("default", resource_version=version,
                                                        resource_version_match="Exact")
        self.assertNotIn("moving", [item.metadata.name for item in listed.items])

    def test_a_forgotten_version_is_expired(self):
        core = self.core()
        core.create_namespaced_config_map("default", config_map("seen"))
        version = core.list_namespaced_config_map("default").metadata.resource_version
        first = core.list_namespaced_config_map("default", limit=1)
        core.create_namespaced_config_map("default", config_map("unseen"))
        self.up.compact()
        self.up.kill_and_restart()
        with self.assertRaises(kubernetes.client.ApiException) as caught:
            self.events_since(version, 1)
        self.assertEqual(caught.exception.status, 410)
        self.assertRegex(caught.exception.reason, rf"^Expired: too old resource version: {version} \(\d+\)$")
        lists = self.core().list_namespaced_config_map
        self.assertTrue(first.metadata._continue)
        for arguments in ({"resource_version": version, "resource_version_match": "Exact"},
                          {"limit": 1, "_continue": first.metadata._continue}):
            with self.assertRaises(kubernetes.client.ApiException) as caught:
                lists("default", **arguments)
            status = json.loads(caught.exception.body)
            self.assertEqual((status["code"], status["reason"]), (410, "Expired"), arguments)
        # The answer to the page that came too late has a token for the rest as it is now.
        rest = lists("default", limit=500, _continue=status["metadata"]["continue"])
        self.assertIn("unseen", [item.metadata.name for item in rest.items])
        # A version of after is as good as any.
        now = lists("default").metadata.resource_version
        self.core().delete_namespaced_config_map("unseen", "default")
        self.assertEqual(self.events_since(now, 1), ["DELETED unseen"])


if __name__ == "__main__":
    spec.main()
