// Typed APIs once more: statuses, ports, what cannot change, each kind of patch, and how things are refused.
import assert from 'node:assert/strict';
import test from 'node:test';
import { config, configMap, k8s, pod, refusal, retried } from './client.mjs';

const core = config.makeApiClient(k8s.CoreV1Api);
const apps = config.makeApiClient(k8s.AppsV1Api);
const namespace = 'default';

test('a deployment, its status and its scale', async () => {
  const template = { ...pod('', { app: 'web' }), metadata: { labels: { app: 'web' } } };
  const body = { metadata: { name: 'web' }, spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template } };
  const created = await apps.createNamespacedDeployment({ namespace, body });
  assert.equal(created.spec.strategy.rollingUpdate.maxSurge, '25%');
  assert.equal(created.spec.template.spec.containers[0].imagePullPolicy, 'IfNotPresent');
  assert.equal(created.metadata.generation, 1);

  const scale = await apps.readNamespacedDeploymentScale({ namespace, name: 'web' });
  assert.equal(scale.spec.replicas, 2);
  await retried(async () => {
    const body = await apps.readNamespacedDeploymentScale({ namespace, name: 'web' });
    body.spec.replicas = 3;
    return apps.replaceNamespacedDeploymentScale({ namespace, name: 'web', body });
  });
  const scaled = await apps.readNamespacedDeployment({ namespace, name: 'web' });
  assert.deepEqual([scaled.spec.replicas, scaled.metadata.generation], [3, 2]);

  const reported = await retried(async () => {
    const body = await apps.readNamespacedDeployment({ namespace, name: 'web' });
    body.status = { observedGeneration: 2, replicas: 3 };
    body.spec.replicas = 5;  // not through this door
    return apps.replaceNamespacedDeploymentStatus({ namespace, name: 'web', body });
  });
  assert.deepEqual([reported.status.replicas, reported.spec.replicas], [3, 3]);

  const moved = { ...body, spec: { ...body.spec, selector: { matchLabels: { app: 'other' } },
    template: { ...template, metadata: { labels: { app: 'other' } } } } };
  const invalid = await refusal(apps.replaceNamespacedDeployment({ namespace, name: 'web', body: moved }));
  assert.deepEqual([invalid.code, invalid.reason], [422, 'Invalid']);
  assert.deepEqual(invalid.details.causes.map((one) => one.field), ['spec.selector']);
  assert.match(invalid.details.causes[0].message, /field is immutable$/);

  const deleted = await apps.deleteNamespacedDeployment({ namespace, name: 'web', propagationPolicy: 'Background' });
  assert.equal(deleted.status, 'Success');
});

test('a service: addresses, ports, and what cannot change', async () => {
  const body = { metadata: { name: 'front' },
    spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }, { name: 'x', port: 81 }] } };
  const invalid = await refusal(core.createNamespacedService({ namespace, body }));
  assert.deepEqual([invalid.code, invalid.reason], [422, 'Invalid']);
  assert.deepEqual(invalid.details.causes.map((one) => [one.reason, one.field]),
    [['FieldValueRequired', 'spec.ports[0].name']]);
  body.spec.ports[0].name = 'http';
  const created = await core.createNamespacedService({ namespace, body });
  assert.match(created.spec.clusterIP, /^\d+\.\d+\.\d+\.\d+$/);
  assert.deepEqual(created.spec.clusterIPs, [created.spec.clusterIP]);
  assert.deepEqual(created.spec.ports.map((one) => one.targetPort), ['http', 81]);
  assert.ok(created.spec.ports.every((one) => one.nodePort >= 30000 && one.nodePort <= 32767));

  created.spec.type = 'ClusterIP';
  created.spec.ports.forEach((one) => delete one.nodePort);
  const replaced = await core.replaceNamespacedService({ namespace, name: 'front', body: created });
  assert.equal(replaced.spec.clusterIP, created.spec.clusterIP);
  assert.ok(replaced.spec.ports.every((one) => one.nodePort === undefined));
  const deleted = await core.deleteNamespacedService({ namespace, name: 'front' });
  assert.equal(deleted.metadata.name, 'front');
});

test('patches of all kinds', async () => {
  const name = 'patched';
  await apps.createNamespacedDeployment({ namespace, body: { metadata: { name }, spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'a', image: 'a:1' }, { name: 'b', image: 'b:1' }] } },
  } } });
  const as = (strategy) => k8s.setHeaderOptions('Content-Type', strategy);
  const images = (deployment) => deployment.spec.template.spec.containers.map((one) => one.image);
  const patch = (strategy, body, more = {}) =>
    apps.patchNamespacedDeployment({ namespace, name, body, ...more }, as(strategy));

  const two = { spec: { template: { spec: { containers: [{ name: 'b', image: 'b:2' }] } } } };
  const merged = await patch(k8s.PatchStrategy.StrategicMergePatch, two);
  assert.deepEqual(images(merged).sort(), ['a:1', 'b:2']);
  const at = merged.spec.template.spec.containers.findIndex((one) => one.name === 'a');
  const path = `/spec/template/spec/containers/${at}`;
  const edited = await patch(k8s.PatchStrategy.JsonPatch,
    [{ op: 'test', path: `${path}/name`, value: 'a' }, { op: 'replace', path: `${path}/image`, value: 'a:3' }]);
  assert.deepEqual(images(edited).sort(), ['a:3', 'b:2']);
  const failed = await refusal(patch(k8s.PatchStrategy.JsonPatch, [{ op: 'test', path: `${path}/name`, value: 'z' }]));
  assert.deepEqual([failed.code, failed.reason], [422, 'Invalid']);
  const replaced = await patch(k8s.PatchStrategy.MergePatch, two);
  assert.deepEqual(images(replaced), ['b:2']);
  const applied = await patch(k8s.PatchStrategy.ServerSideApply,
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, labels: { by: 'apply' } } }, { fieldManager: 'js' });
  assert.equal(applied.metadata.labels.by, 'apply');
  assert.ok(applied.metadata.managedFields.some((one) => one.manager === 'js' && one.operation === 'Apply'));
  // Without a header, the generated code asks for the first type that the schema names.
  const plain = await apps.patchNamespacedDeployment({ namespace, name, body: [{ op: 'add', path: '/metadata/labels/x', value: 'y' }] });
  assert.equal(plain.metadata.labels.x, 'y');
  await apps.deleteNamespacedDeployment({ namespace, name });
});

test('refusals are Statuses with a reason', async () => {
  const body = configMap('once');
  await core.createNamespacedConfigMap({ namespace, body });
  const again = await refusal(core.createNamespacedConfigMap({ namespace, body }));
  assert.deepEqual([again.code, again.reason, again.message], [409, 'AlreadyExists', 'configmaps "once" already exists']);
  await core.deleteNamespacedConfigMap({ namespace, name: 'once' });

  const named = await refusal(core.createNamespacedConfigMap({ namespace, body: configMap('Not_A_Name') }));
  assert.equal(named.reason, 'Invalid');
  assert.deepEqual(named.details.causes.map((one) => [one.reason, one.field]), [['FieldValueInvalid', 'metadata.name']]);

  const nowhere = await refusal(core.createNamespacedPod({ namespace: 'nowhere', body: pod('lost') }));
  assert.deepEqual([nowhere.code, nowhere.message], [404, 'namespaces "nowhere" not found']);

  const odd = await refusal(core.listNamespacedPod({ namespace, labelSelector: '!!' }));
  assert.deepEqual([odd.code, odd.reason], [400, 'BadRequest']);

  const strict = await refusal(core.createNamespacedPod(
    { namespace, body: pod('strict'), fieldValidation: 'Nonsense' }));
  assert.deepEqual([strict.code, strict.reason], [422, 'Invalid']);

  const dry = await core.createNamespacedConfigMap({ namespace, body, dryRun: 'All' });
  assert.equal(dry.metadata.name, 'once');
  assert.equal((await refusal(core.readNamespacedConfigMap({ namespace, name: 'once' }))).code, 404);
});

test('reviews, versions, discovery and the digits of a MicroTime', async () => {
  const review = await config.makeApiClient(k8s.AuthorizationV1Api).createSelfSubjectAccessReview(
    { body: { spec: { resourceAttributes: { verb: 'create', resource: 'pods', namespace } } } });
  assert.equal(review.status.allowed, true);
  const version = await config.makeApiClient(k8s.VersionApi).getCode();
  assert.deepEqual([version.major, version.minor], ['1', '32']);
  const groups = await config.makeApiClient(k8s.ApisApi).getAPIVersions();
  assert.ok(groups.groups.some((one) => one.name === 'apps'));
  const resources = await core.getAPIResources();
  assert.ok(resources.resources.find((one) => one.name === 'pods').shortNames.includes('po'));

  // A MicroTime keeps its six digits, of which JavaScript's dates fill three.
  const leases = config.makeApiClient(k8s.CoordinationV1Api);
  const renewTime = new k8s.V1MicroTime('2024-05-06T07:08:09.123456Z');
  const lease = await leases.createNamespacedLease({ namespace,
    body: { metadata: { name: 'held' }, spec: { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime } } });
  assert.equal(lease.spec.renewTime, '2024-05-06T07:08:09.123000Z');
  await leases.deleteNamespacedLease({ namespace, name: 'held' });
});
