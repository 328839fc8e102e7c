// Objects through the JavaScript client: its typed APIs, and KubernetesObjectApi, which finds paths by discovery.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as k8s from '@kubernetes/client-node';
import { retried } from './client.mjs';

const config = new k8s.KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(k8s.CoreV1Api);
const apps = config.makeApiClient(k8s.AppsV1Api);
const namespace = 'default';

const patchAs = (strategy) => k8s.setHeaderOptions('Content-Type', strategy);
const refused = (code, reason) => (error) => {
  assert.equal(error.code, code);
  const status = JSON.parse(error.body);
  assert.equal(status.kind, 'Status');
  assert.equal(status.reason, reason);
  return true;
};
const pod = (name) => ({
  metadata: { name, labels: { from: 'javascript' } },
  spec: { containers: [{ name: 'main', image: 'busybox:1.35' }] },
});
const deployment = (name) => ({
  metadata: { name },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: pod(name).spec },
  },
});

test('a pod is created, read, listed, patched and deleted', async () => {
  const created = await core.createNamespacedPod({ namespace, body: pod('js') });
  assert.ok(created.metadata.creationTimestamp instanceof Date);
  assert.equal(created.spec.restartPolicy, 'Always');
  const read = await core.readNamespacedPod({ namespace, name: 'js' });
  assert.equal(read.metadata.uid, created.metadata.uid);
  const listed = await core.listNamespacedPod({ namespace, labelSelector: 'from=javascript' });
  assert.deepEqual(listed.items.map((item) => item.metadata.name), ['js']);
  const annotations = { 'example.com/note': 'x' };
  const patched = await core.patchNamespacedPod(
    { namespace, name: 'js', body: { metadata: { annotations } } }, patchAs(k8s.PatchStrategy.StrategicMergePatch));
  assert.deepEqual(patched.metadata.annotations, annotations);
  await core.deleteNamespacedPod({ namespace, name: 'js', gracePeriodSeconds: 0 });
  await assert.rejects(core.readNamespacedPod({ namespace, name: 'js' }), refused(404, 'NotFound'));
});

test('a deployment is scaled and replaced', async () => {
  await apps.createNamespacedDeployment({ namespace, body: deployment('web') });
  const scale = await apps.readNamespacedDeploymentScale({ namespace, name: 'web' });
  assert.equal(scale.spec.replicas ?? 0, 0);
  await retried(async () => {
    const body = await apps.readNamespacedDeploymentScale({ namespace, name: 'web' });
    body.spec.replicas = 2;
    return apps.replaceNamespacedDeploymentScale({ namespace, name: 'web', body });
  });
  const now = await apps.readNamespacedDeployment({ namespace, name: 'web' });
  assert.equal(now.spec.replicas, 2);
  assert.equal(now.metadata.generation, 2);
  const replaced = await retried(async () => {
    const body = await apps.readNamespacedDeployment({ namespace, name: 'web' });
    body.metadata.labels = { replaced: 'yes' };
    return apps.replaceNamespacedDeployment({ namespace, name: 'web', body });
  });
  assert.equal(replaced.metadata.labels.replaced, 'yes');
  await assert.rejects(
    apps.replaceNamespacedDeployment({ namespace, name: 'web', body: now }), refused(409, 'Conflict'));
  const patched = await apps.patchNamespacedDeployment(
    { namespace, name: 'web', body: [{ op: 'replace', path: '/spec/replicas', value: 1 }] },
    patchAs(k8s.PatchStrategy.JsonPatch));
  assert.equal(patched.spec.replicas, 1);
  await apps.deleteNamespacedDeployment({ namespace, name: 'web' });
});

test('a service gets an address', async () => {
  const body = { metadata: { name: 'svc' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } };
  const created = await core.createNamespacedService({ namespace, body });
  assert.match(created.spec.clusterIP, /^10\.(9[6-9]|1[01][0-9])\./);
  assert.equal(created.spec.ports[0].targetPort, 80);
  await core.deleteNamespacedService({ namespace, name: 'svc' });
});

test('what is wrong is told field by field', async () => {
  const body = pod('bad');
  body.spec.containers[0].name = 'Not A Name';
  await assert.rejects(core.createNamespacedPod({ namespace, body }), (error) => {
    refused(422, 'Invalid')(error);
    const { details } = JSON.parse(error.body);
    assert.equal(details.kind, 'Pod');
    assert.equal(details.causes[0].field, 'spec.containers[0].name');
    return true;
  });
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'once' } } });
  await assert.rejects(
    core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'once' } } }), refused(409, 'AlreadyExists'));
  await core.deleteNamespacedConfigMap({ namespace, name: 'once' });
});

test('a list comes in pages', async () => {
  for (let i = 0; i < 5; ++i)
    await core.createNamespacedConfigMap(
      { namespace, body: { metadata: { name: `page-${i}`, labels: { page: 'yes' } } } });
  const names = [];
  let _continue;
  do {
    const page = await core.listNamespacedConfigMap({ namespace, labelSelector: 'page=yes', limit: 2, _continue });
    names.push(...page.items.map((item) => item.metadata.name));
    _continue = page.metadata._continue;
  } while (_continue);
  assert.deepEqual(names, ['page-0', 'page-1', 'page-2', 'page-3', 'page-4']);
  await core.deleteCollectionNamespacedConfigMap({ namespace, labelSelector: 'page=yes' });
  const rest = await core.listNamespacedConfigMap({ namespace, labelSelector: 'page=yes' });
  assert.equal(rest.items.length, 0);
});

test('KubernetesObjectApi works on documents of any kind', async () => {
  const client = k8s.KubernetesObjectApi.makeApiClient(config);
  const documents = k8s.loadAllYaml(`
apiVersion: v1
kind: Namespace
metadata:
  name: objects
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: objects
data:
  a: "1"
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: objects-reader
rules:
- apiGroups: [""]
  resources: [pods]
  verbs: [get]
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: objects
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: main
        image: busybox:1.35
`);
  for (const document of documents) {
    const created = await client.create(document);
    assert.equal(created.kind, document.kind);
    const read = await client.read(document);
    assert.equal(read.metadata.uid, created.metadata.uid);
  }
  const settings = documents[1];
  const merged = await client.patch({ ...settings, data: { b: '2' } }, undefined, undefined, undefined, undefined,
    k8s.PatchStrategy.MergePatch);
  assert.deepEqual(merged.data, { a: '1', b: '2' });
  merged.data = { c: '3' };
  const replaced = await client.replace(merged);
  assert.deepEqual(replaced.data, { c: '3' });
  const listed = await client.list('v1', 'ConfigMap', 'objects');
  assert.ok(listed.items.some((item) => item.metadata.name === 'settings'));
  const dry = await client.create(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'dry', namespace: 'objects' } }, undefined, 'All');
  assert.ok(dry.metadata.uid);
  await assert.rejects(client.read(dry), (error) => error.code === 404);
  for (const document of documents.reverse()) await client.delete(document);
});

test('server-side apply owns fields and meets conflicts', async () => {
  const client = k8s.KubernetesObjectApi.makeApiClient(config);
  const apply = (data, manager, force) => client.patch(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied', namespace }, data },
    undefined, undefined, manager, force, k8s.PatchStrategy.ServerSideApply);
  const first = await apply({ a: '1', b: '1' }, 'one', false);
  assert.equal(first.metadata.managedFields[0].manager, 'one');
  assert.equal(first.metadata.managedFields[0].operation, 'Apply');
  await assert.rejects(apply({ a: '2' }, 'two', false), (error) => {
    refused(409, 'Conflict')(error);
    assert.equal(JSON.parse(error.body).details.causes[0].reason, 'FieldManagerConflict');
    return true;
  });
  const forced = await apply({ a: '2' }, 'two', true);
  assert.deepEqual(forced.data, { a: '2', b: '1' });
  const without = await apply({ b: '1' }, 'one', false);
  assert.deepEqual(without.data, { a: '2', b: '1' });
  await core.deleteNamespacedConfigMap({ namespace, name: 'applied' });
});
