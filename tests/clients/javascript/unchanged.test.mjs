// What was read and is written back, through the library's own types, changes nothing: neither the dates that JavaScript
// writes with milliseconds, nor defaults, nor what the server chose.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as pass } from 'node:timers/promises';
import { config, configMap, k8s, retried } from './client.mjs';

const client = k8s.KubernetesObjectApi.makeApiClient(config);
const now = new Date();
const selector = { matchLabels: { app: 'same' } };
const container = {
  name: 'main', image: 'main:1', ports: [{ containerPort: 80 }], livenessProbe: { httpGet: { port: 80 } },
  resources: { requests: { cpu: '0.5', memory: '1024Mi' } },
};
const template = { metadata: { labels: { app: 'same' } }, spec: { containers: [container] } };
const once = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } };
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1.5Gi' } } };
const backend = { service: { name: 'x', port: { number: 80 } } };

const bodies = {
  'v1 Pod': { spec: { ...template.spec, schedulerName: 'nobody' } },
  'v1 Secret': { stringData: { a: '1' } },
  'v1 Service': { spec: { type: 'NodePort', ports: [{ port: 80 }] } },
  'v1 LimitRange': { spec: { limits: [{ type: 'Container', default: { cpu: '1.5' } }] } },
  'v1 ResourceQuota': { spec: { hard: { cpu: '1.50', pods: '4' } } },
  'v1 PersistentVolumeClaim': { spec: claim },
  'v1 ReplicationController': { spec: { selector: selector.matchLabels, template } },
  'v1 Event': { involvedObject: { kind: 'Pod', name: 'x', namespace: 'default' }, reason: 'R', firstTimestamp: now, lastTimestamp: now },
  'apps/v1 Deployment': { spec: { selector, template, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: '10%' } } } },
  'apps/v1 DaemonSet': { spec: { selector, template } },
  'apps/v1 StatefulSet': { spec: { selector, template, serviceName: 'x', volumeClaimTemplates: [{ metadata: { name: 'v' }, spec: claim }] } },
  'batch/v1 Job': { spec: { template: once } },
  'batch/v1 CronJob': { spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: { template: once } } } },
  'autoscaling/v2 HorizontalPodAutoscaler': { spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' } } },
  'policy/v1 PodDisruptionBudget': { spec: { minAvailable: '50%', selector } },
  'networking.k8s.io/v1 Ingress': { spec: { defaultBackend: backend } },
  'networking.k8s.io/v1 NetworkPolicy': { spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] } },
  'rbac.authorization.k8s.io/v1 RoleBinding': {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'x' }, subjects: [{ kind: 'User', name: 'u' }] },
  'storage.k8s.io/v1 CSIStorageCapacity': { storageClassName: 'x', capacity: '1Gi' },
  'coordination.k8s.io/v1 Lease': { spec: { holderIdentity: 'x', renewTime: new k8s.V1MicroTime() } },
  'discovery.k8s.io/v1 EndpointSlice': { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ port: 80 }] },
};

// Kinds whose status and its writer go on changing while their controllers work.
const controlled = new Set([
  'v1 Pod', 'v1 ResourceQuota', 'v1 PersistentVolumeClaim', 'v1 ReplicationController', 'apps/v1 Deployment',
  'apps/v1 DaemonSet', 'apps/v1 StatefulSet', 'batch/v1 Job', 'batch/v1 CronJob', 'policy/v1 PodDisruptionBudget',
]);

// An object once its controllers have left it alone for half a second.
async function settled(object) {
  for (let before = await client.read(object); ;) {
    await pass(500);
    const now = await client.read(object);
    if (now.metadata.resourceVersion === before.metadata.resourceVersion) return now;
    before = now;
  }
}

async function writeBack(what, body) {
  const [apiVersion, kind] = what.split(' ');
  const created = await client.create({ apiVersion, kind, metadata: { name: 'same', namespace: 'default' }, ...body });
  const [read, replaced] = await retried(async () => {
    const found = await settled(created);
    return [found, await client.replace(found)];
  });
  assert.equal(replaced.metadata.resourceVersion, read.metadata.resourceVersion, `replaced: ${what}`);

  const { managedFields, resourceVersion, ...metadata } = replaced.metadata;
  const apply = () => client.patch({ ...replaced, metadata }, undefined, undefined, 'applier', true, k8s.PatchStrategy.ServerSideApply);
  const applied = await apply();
  const text = ({ metadata: { resourceVersion, managedFields, ...rest }, status, ...object }) =>
    JSON.stringify(controlled.has(what) ? { rest, ...object } : { rest, status, ...object });
  assert.equal(text(applied), text(replaced), `applied: ${what}`);
  const again = await apply();
  assert.equal(text(again), text(applied), `applied again: ${what}`);
  if (!controlled.has(what))
    assert.equal(again.metadata.resourceVersion, applied.metadata.resourceVersion, `applied again: ${what}`);
  await client.delete({ apiVersion, kind, metadata: { name: 'same', namespace: 'default' } });
}

test('every kind is the same after it was written back', async () => {
  await client.list('v1', 'ConfigMap');
  await Promise.all(Object.entries(bodies).map(([what, body]) => writeBack(what, body)));
});

test('of writers at once each wins once, as those that lose try again', async () => {
  await client.create(configMap('counter', { count: '0' }));
  let conflicts = 0;
  const add = async () => {
    for (;;) {
      const counter = await client.read(configMap('counter'));
      counter.data.count = String(Number(counter.data.count) + 1);
      try {
        return await client.replace(counter);
      } catch (error) {
        assert.equal(error.code, 409);
        ++conflicts;
      }
    }
  };
  await Promise.all(Array.from({ length: 6 }, add));
  assert.equal((await client.read(configMap('counter'))).data.count, '6');
  assert.ok(conflicts > 0);
  await client.delete(configMap('counter'));
});
