"""kubectl's commands that make and change objects without a manifest: create's generators, run, expose, set, and the like."""
import base64
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from hosts import wait_for
from local import UpTest

# Arguments of kubectl create, what it makes, and a JSON path in it with its value.
GENERATED = [
    ("clusterrole reader --verb=get,list --resource=pods,deployments.apps", "clusterrole/reader", "{.rules[1].apiGroups[0]}", "apps"),
    ("clusterrole logs --non-resource-url=/logs/* --verb=get", "clusterrole/logs", "{.rules[0].nonResourceURLs[0]}", "/logs/*"),
    ("clusterrole sum --aggregation-rule=rbac.example.com/a=true", "clusterrole/sum",
     "{.aggregationRule.clusterRoleSelectors[0].matchLabels}", '{"rbac.example.com/a":"true"}'),
    ("clusterrolebinding binds --clusterrole=reader --user=u --group=g --serviceaccount=default:default",
     "clusterrolebinding/binds", "{.subjects[*].kind}", "User Group ServiceAccount"),
    ("configmap cm --from-literal=a=b --from-file=FILE --from-file=k=FILE", "configmap/cm", "{.data.k}", "data\n"),
    ("configmap env --from-env-file=ENV", "configmap/env", "{.data.a}", "1"),
    ("cronjob cron --image=busybox:1.35 --schedule=0,30_*_*_*_* -- date", "cronjob/cron", "{.spec.schedule}", "0,30 * * * *"),
    ("deployment dep --image=busybox:1.35 --replicas=2 --port=80 -- sleep 100", "deployment/dep",
     "{.spec.template.spec.containers[0].command[0]}", "sleep"),
    ("ingress ing --rule=foo.com/bar*=svc:8080,tls=cert --class=c --default-backend=svc:80", "ingress/ing",
     "{.spec.rules[0].http.paths[0].pathType}", "Prefix"),
    ("job once --image=busybox:1.35 -- date", "job/once", "{.spec.completionMode}", "NonIndexed"),
    ("job now --from=cronjob/cron", "job/now", "{.metadata.annotations.cronjob\\.kubernetes\\.io/instantiate}", "manual"),
    ("namespace made", "namespace/made", "{.status.phase}", "Active"),
    ("poddisruptionbudget pdb --selector=app=dep --min-available=50%", "poddisruptionbudget/pdb", "{.spec.minAvailable}", "50%"),
    ("priorityclass pc --value=1000 --description=x --preemption-policy=Never", "priorityclass/pc", "{.preemptionPolicy}", "Never"),
    ("quota quota --hard=services=50,pods=200", "quota/quota", "{.spec.hard.services}", "50"),
    ("role role --verb=get --resource=pods/log", "role/role", "{.rules[0].resources[0]}", "pods/log"),
    ("rolebinding rb --role=role --user=u", "rolebinding/rb", "{.subjects[0].name}", "u"),
    ("secret generic s --from-literal=a=b", "secret/s", "{.data.a}", "Yg=="),
    ("secret docker-registry dr --docker-username=u --docker-password=p --docker-server=example.com", "secret/dr", "{.type}",
     "kubernetes.io/dockerconfigjson"),
    ("secret tls t --cert=CERT --key=KEY", "secret/t", "{.type}", "kubernetes.io/tls"),
    ("service clusterip svc --tcp=80:8080", "service/svc", "{.spec.ports[0].targetPort}", "8080"),
    ("service clusterip headless --clusterip=None --tcp=80", "service/headless", "{.spec.clusterIPs[0]}", "None"),
    ("service externalname ext --external-name=example.com", "service/ext", "{.spec.type}", "ExternalName"),
    ("service loadbalancer lb --tcp=80:8080", "service/lb", "{.spec.allocateLoadBalancerNodePorts}", "true"),
    ("service nodeport np --tcp=80:8080 --node-port=30123", "service/np", "{.spec.ports[0].nodePort}", "30123"),
    ("serviceaccount sa", "serviceaccount/sa", "{.metadata.name}", "sa"),
]


class Commands(UpTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = {name: f"{cls.up.folder}/{name.lower()}" for name in ("FILE", "ENV", "CERT", "KEY")}
        for name, text in (("FILE", "data\n"), ("ENV", "a=1\n")):
            with open(cls.files[name], "w") as file:
                file.write(text)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", cls.files["KEY"], "-out",
                        cls.files["CERT"], "-days", "1", "-subj", "/CN=x"], check=True, capture_output=True)

    def words(self, line):
        """The arguments of a line: names of files filled in, underscores for spaces."""
        for name, path in self.files.items():
            line = line.replace(name, path)
        return [word.replace("_", " ") if "schedule" in word else word for word in line.split()]

    def value(self, what, path):
        return self.kubectl("get", what, "-o", f"jsonpath={path}")

    def made(self, name, *flags):
        """A deployment of its own for a case."""
        self.kubectl("create", "deployment", name, "--image=busybox:1.35", "--replicas=2", *flags)
        return f"deployment/{name}"

    def test_the_generators_of_create(self):
        for line, what, path, expected in GENERATED:
            with self.subTest(line):
                words = self.words(line)
                flags = words.index("--") if "--" in words else len(words)
                dry = self.kubectl("create", *words[:flags], "--dry-run=server", "-o", "name", *words[flags:]).strip()
                self.assertEqual(dry.split("/")[1], what.split("/")[1])
                self.refused("get", what)
                self.assertIn(" created", self.kubectl("create", *words))
                self.assertEqual(self.value(what, path), expected)
                self.assertIn("already exists", self.refused("create", *words))

    def test_run_and_expose(self):
        made = self.kubectl("run", "p", "--image=busybox:1.35", "--port=80", "--labels=app=p", "--expose", "--env=X=1", "--",
                            "sleep", "1000")
        self.assertEqual(made, "service/p created\npod/p created\n")
        self.kubectl("wait", "--for=condition=Ready", "pod/p", "--timeout=30s")
        self.assertEqual(self.kubectl("expose", "pod", "p", "--name=p2", "--port=90", "--target-port=80"), "service/p2 exposed\n")
        self.assertEqual(self.value("service/p2", "{.spec.ports[0].targetPort}{.spec.selector}"), '80{"app":"p"}')
        self.kubectl("expose", "service", "p2", "--name=p3", "--port=100", "--type=NodePort")
        self.assertGreaterEqual(int(self.value("service/p3", "{.spec.ports[0].nodePort}")), 30000)
        what = self.made("exposed", "--port=80")
        self.kubectl("expose", what, "--name=exposed")
        self.assertEqual(self.value("service/exposed", "{.spec.ports[0].port}{.spec.selector}"), '80{"app":"exposed"}')
        self.kubectl("delete", "pod", "p", "--now")

    def test_set(self):
        what = self.made("changed")
        self.kubectl("create", "configmap", "values", "--from-literal=A=1")
        self.kubectl("create", "role", "setters", "--verb=get", "--resource=pods")
        self.kubectl("create", "rolebinding", "setters", "--role=setters", "--user=u")
        self.kubectl("create", "service", "clusterip", "changed", "--tcp=80")
        for arguments, said in ((("image", what, "busybox=busybox:1.36"), "deployment.apps/changed image updated\n"),
                                (("env", what, "B=2", "--from=configmap/values"), "deployment.apps/changed env updated\n"),
                                (("resources", what, "--limits=cpu=1", "--requests=cpu=100m"),
                                 "deployment.apps/changed resource requirements updated\n"),
                                (("serviceaccount", what, "default"), "deployment.apps/changed serviceaccount updated\n"),
                                (("selector", "service", "changed", "a=b"), "service/changed selector updated\n"),
                                (("subject", "rolebinding", "setters", "--group=w"),
                                 "rolebinding.rbac.authorization.k8s.io/setters subjects updated\n")):
            with self.subTest(arguments[0]):
                self.assertEqual(self.kubectl("set", *arguments), said)
        container = "{.spec.template.spec.containers[0]"
        self.assertEqual(self.value(what, container + ".image}"), "busybox:1.36")
        self.assertEqual(self.value(what, container + ".env[*].name}"), "B A")
        self.assertEqual(self.value(what, container + ".resources.limits.cpu}"), "1")
        self.assertEqual(self.value(what, "{.metadata.generation}"), "5")
        self.assertEqual(self.value("service/changed", "{.spec.selector}"), '{"a":"b"}')
        self.assertEqual(self.value("rolebinding/setters", "{.subjects[*].kind}"), "User Group")

    def test_scale_and_autoscale(self):
        what = self.made("sized")
        self.assertEqual(self.kubectl("scale", what, "--replicas=3", "--current-replicas=2"), "deployment.apps/sized scaled\n")
        self.assertIn("Expected replicas to be 2, was 3", self.refused("scale", what, "--replicas=4", "--current-replicas=2"))
        self.assertIn("Expected resource version to be 1, was",
                      self.refused("scale", what, "--replicas=4", "--resource-version=1"))
        self.assertEqual(self.value(what, "{.spec.replicas}"), "3")
        self.kubectl("autoscale", what, "--min=1", "--max=3", "--cpu-percent=50")
        self.assertEqual(self.value("hpa/sized", "{.spec.metrics[0].resource.target.averageUtilization}"), "50")

    def test_rollout_marks_the_template(self):
        what = self.made("rolled")
        self.kubectl("rollout", "restart", what)
        annotations = self.value(what, "{.spec.template.metadata.annotations}")
        self.assertIn("kubectl.kubernetes.io/restartedAt", annotations)
        self.kubectl("rollout", "pause", what)
        self.assertEqual(self.value(what, "{.spec.paused}"), "true")
        self.assertIn("is already paused", self.refused("rollout", "pause", what))
        self.kubectl("rollout", "resume", what)
        self.assertEqual(self.value(what, "{.spec.paused}"), "")

    def test_waits_for_each_condition(self):
        self.kubectl("run", "waited", "--image=busybox:1.35")
        self.kubectl("wait", "--for=create", "pod/waited", "--timeout=10s")
        self.kubectl("wait", "--for=jsonpath={.status.phase}=Running", "pod/waited", "--timeout=30s")
        self.kubectl("wait", "--for=condition=Ready", "pod", "-l", "run=waited", "--timeout=30s")
        self.assertIn("timed out", self.refused("wait", "--for=delete", "pod/waited", "--timeout=1s"))
        self.assertIn("timed out", self.refused("wait", "--for=create", "pod/never", "--timeout=1s"))
        self.kubectl("delete", "pod", "waited", "--wait=false", "--grace-period=1")
        self.kubectl("wait", "--for=delete", "pod/waited", "--timeout=30s")

    def test_who_one_is_and_what_one_may(self):
        self.assertIn("kubernetes-admin", self.kubectl("auth", "whoami"))
        self.assertEqual(self.kubectl("auth", "can-i", "create", "pods"), "yes\n")
        self.assertEqual(self.up.kubectl("auth", "can-i", "delete", "nodes", "--as=nobody").stdout, "no\n")
        self.assertIn('User "nobody" cannot list resource "pods" in API group "" in the namespace "default"',
                      self.refused("get", "pods", "--as=nobody", "--as-group=some"))
        self.assertIn("other", self.kubectl("auth", "whoami", "--as=nobody", "--as-group=other"))
        self.assertIn("[*]", self.kubectl("auth", "can-i", "--list"))

    def test_certificates_are_approved_and_denied(self):
        done = subprocess.run(["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null", "-subj", "/CN=someone"],
                              check=True, capture_output=True)
        request = base64.b64encode(done.stdout).decode()
        for name, verb, condition in (("good", "approve", "Approved"), ("bad", "deny", "Denied")):
            self.kubectl("create", "-f", "-", input=f"""
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {{name: {name}}}
spec: {{request: {request}, signerName: kubernetes.io/kube-apiserver-client, usages: [client auth]}}
""")
            self.assertIn(f"{verb}".rstrip("y"), self.kubectl("certificate", verb, name))
            self.assertEqual(self.value(f"csr/{name}", "{.status.conditions[0].type}"), condition)
        wait_for(lambda: self.value("csr/good", "{.status.certificate}"), "the approved one is signed")
        self.assertEqual(self.value("csr/bad", "{.status.certificate}"), "")

    def test_what_the_server_knows(self):
        self.assertIn("is running at https://127.0.0.1:", self.kubectl("cluster-info"))
        self.assertIn('"kind": "NodeList"', self.kubectl("cluster-info", "dump"))
        names = self.kubectl("api-resources", "--verbs=list,get", "--namespaced=false", "-o", "name").split()
        self.assertIn("nodes", names)
        self.assertNotIn("pods", names)
        apps = self.kubectl("api-resources", "--api-group=apps", "-o", "wide")
        self.assertRegex(apps, r"daemonsets +ds +apps/v1 +true +DaemonSet +create,delete,deletecollection,get,list,patch,update,watch +all")
        everything = self.kubectl("api-resources", "--categories=all", "--no-headers")
        self.assertEqual(len(everything.splitlines()), 10)
        self.assertIn("apps/v1", self.kubectl("api-versions").split())
        self.assertIn("Server Version: v1.32.0", self.kubectl("version"))
        self.assertIn("scheduler   Healthy   ok", self.kubectl("get", "componentstatuses"))
        completed = self.kubectl("__complete", "get", "nodes", "").split()
        self.assertEqual(completed[:2], ["node1", "node2"])


if __name__ == "__main__":
    spec.main()
