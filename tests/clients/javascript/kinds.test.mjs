// KubernetesObjectApi over kinds of many groups: manifests, each kind of patch, server-side apply, lists.
import assert from 'node:assert/strict';
import test from 'node:test';
import { config, configMap, k8s, refusal, waitFor } from './client.mjs';

const client = k8s.KubernetesObjectApi.makeApiClient(config);
const { MergePatch, JsonPatch, ServerSideApply, StrategicMergePatch } = k8s.PatchStrategy;

const manifests = `
apiVersion: v1
kind: Namespace
metadata:
  name: from-yaml
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: from-yaml
spec:
  serviceName: db
  replicas: 0
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
      - name: db
        image: db:1
        ports: [{containerPort: 5432}]
---
apiVersion: batch/v1
kind: CronJob
metadata:
  name: nightly
  namespace: from-yaml
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: main, image: "main:1"}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: from-yaml
rules:
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list]
---
apiVersion: v1
kind: Secret
metadata:
  name: keys
  namespace: from-yaml
stringData: {password: "s3cret"}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: door
  namespace: from-yaml
spec:
  rules:
  - host: a.example
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: db, port: {number: 80}}}}]}
`;

const header = (spec) => ({ apiVersion: spec.apiVersion, kind: spec.kind,
  metadata: { name: spec.metadata.name, namespace: spec.metadata.namespace } });

test('manifests from YAML: create, read, patch, replace, delete', async () => {
  const specs = k8s.loadAllYaml(manifests);
  assert.equal(specs.length, 6);
  for (const spec of specs) {
    const created = await client.create(spec);
    assert.deepEqual([created.apiVersion, created.kind], [spec.apiVersion, spec.kind]);
    const read = await client.read(header(spec));
    assert.equal(read.metadata.uid, created.metadata.uid);
    assert.equal(read.constructor, created.constructor);
    assert.equal((await refusal(client.create(spec))).reason, 'AlreadyExists');

    const merged = await client.patch({ ...header(spec), metadata: { ...header(spec).metadata, labels: { a: '1' } } },
      undefined, undefined, undefined, undefined, MergePatch);
    assert.equal(merged.metadata.labels.a, '1');
    merged.metadata.annotations = { note: 'replaced' };
    const replaced = await client.replace(merged);
    assert.deepEqual([replaced.metadata.annotations.note, replaced.metadata.labels.a], ['replaced', '1']);
    assert.equal((await refusal(client.replace(merged))).reason, 'Conflict');

    const again = k8s.loadYaml(k8s.dumpYaml(replaced));
    assert.equal(JSON.stringify(again.spec), JSON.stringify(replaced.spec), 'YAML there and back');
  }
  const secret = await client.read(header(specs[4]));
  assert.deepEqual([secret.data, secret.stringData], [{ password: 'czNjcmV0' }, undefined]);
  const everywhere = await client.list('networking.k8s.io/v1', 'Ingress');
  assert.deepEqual(everywhere.items.map((one) => one.metadata.name), ['door']);

  for (const spec of specs.reverse()) {
    const deleted = await client.delete(header(spec));
    assert.ok(deleted.status === 'Success' || deleted.metadata || deleted.status, JSON.stringify(deleted));
  }
  await waitFor('the namespace is gone', () => client.read(header(specs[5])).then(() => false, (error) => error.code === 404));
});

test('patches of all kinds on kinds of several groups', async () => {
  await client.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' }, secrets: [{ name: 'a' }] });
  const patch = (strategy, body) => client.patch({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' }, ...body },
    undefined, undefined, undefined, undefined, strategy);
  const secrets = (account) => account.secrets.map((one) => one.name).sort();
  assert.deepEqual(secrets(await patch(StrategicMergePatch, { secrets: [{ name: 'b' }] })), ['a', 'b']);
  assert.deepEqual(secrets(await patch(MergePatch, { secrets: [{ name: 'c' }] })), ['c']);
  const odd = await refusal(patch(JsonPatch, {}));  // an object is no list of operations
  assert.equal(odd.code, 400);
  await client.delete({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } });
});

test('server-side apply: created, changed, contested, given up', async () => {
  const apply = (spec, manager, force) => client.patch(spec, undefined, undefined, manager, force, ServerSideApply);
  const quota = (hard) => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'applied', namespace: 'default' }, spec: { hard } });
  const created = await apply(quota({ pods: '1k', services: '5' }), 'first');
  assert.equal(created.spec.hard.services, '5');
  const same = await apply(quota({ pods: '1k', services: '5' }), 'first');
  assert.equal(same.metadata.resourceVersion, created.metadata.resourceVersion);
  const contested = await refusal(apply(quota({ services: '6' }), 'second'));
  assert.deepEqual([contested.code, contested.reason], [409, 'Conflict']);
  assert.deepEqual(contested.details.causes.map((one) => [one.reason, one.field]), [['FieldManagerConflict', '.spec.hard.services']]);
  assert.match(contested.message, /^Apply failed with 1 conflict: conflict with "first": \.spec\.hard\.services$/);
  const forced = await apply(quota({ services: '6' }), 'second', true);
  assert.equal(forced.spec.hard.services, '6');
  const less = await apply(quota({ pods: '1k' }), 'first');  // "second" has the other one now
  assert.deepEqual(less.spec.hard, { pods: '1k', services: '6' });
  const least = await apply(quota({}), 'second');
  assert.deepEqual(least.spec.hard, { pods: '1k' });
  const nobody = await refusal(apply(quota({}), undefined));
  assert.deepEqual([nobody.code, nobody.reason], [422, 'Invalid']);
  await client.delete(quota({}));

  for (const spec of [
    configMap('applied', { a: '1' }),
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'applied', namespace: 'default' }, spec: { ports: [{ port: 80 }] } },
    { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'applied', namespace: 'default' },
      spec: { minAvailable: '50%', selector: { matchLabels: { app: 'x' } } } },
    { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'applied' }, value: 7 },
    { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'applied', namespace: 'default' }, addressType: 'IPv4',
      endpoints: [{ addresses: ['10.1.2.3'] }] },
  ]) {
    const made = await apply(spec, 'js');
    assert.equal(made.metadata.managedFields[0].operation, 'Apply', spec.kind);
    await client.delete(header(spec));
  }
});

test('lists: selectors, chunks, and kinds nobody serves', async () => {
  for (let i = 0; i < 3; ++i) await client.create(configMap(`listed-${i}`, {}, { of: 'objects' }));
  const options = [undefined, undefined, undefined];
  const first = await client.list('v1', 'ConfigMap', 'default', ...options, undefined, 'of=objects', 2);
  assert.equal(first.items.length, 2);
  const rest = await client.list('v1', 'ConfigMap', 'default', ...options, undefined, 'of=objects', 2, first.metadata._continue);
  assert.deepEqual(rest.items.map((one) => one.metadata.name), ['listed-2']);
  const named = await client.list('v1', 'ConfigMap', undefined, ...options, 'metadata.name=listed-1');
  assert.deepEqual(named.items.map((one) => one.metadata.name), ['listed-1']);
  for (let i = 0; i < 3; ++i) await client.delete(configMap(`listed-${i}`));

  await assert.rejects(client.list('v1', 'Nonsense'), /Unrecognized API version and kind: v1 Nonsense/);
  await assert.rejects(client.list('nonsense.example/v1', 'Nonsense'), (error) => error.code === 404);
});
