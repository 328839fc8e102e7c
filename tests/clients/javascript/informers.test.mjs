// Informers: a copy of a selection that is kept up to date by a list and watches.
import assert from 'node:assert/strict';
import test from 'node:test';
import { config, configMap, k8s, pod, waitFor } from './client.mjs';
import { informed } from './informed.mjs';

const core = config.makeApiClient(k8s.CoreV1Api);
const namespace = 'default';

const create = (name, data, labels) => core.createNamespacedConfigMap({ namespace, body: configMap(name, data, labels) });
const replace = (name, data, labels) => core.replaceNamespacedConfigMap({ namespace, name, body: configMap(name, data, labels) });
const remove = (name) => core.deleteNamespacedConfigMap({ namespace, name });

test('add, update and delete, under a label selector', async () => {
  await create('early', { a: '1' }, { watched: 'yes' });
  await create('other', {}, { watched: 'no' });
  const seen = await informed('watched=yes');
  assert.deepEqual(seen.events, ['connect', 'add early']);
  await create('late', {}, { watched: 'yes' });
  await create('another', {}, {});
  await replace('early', { a: '2' }, { watched: 'yes' });
  await replace('other', {}, { watched: 'yes' });  // comes in
  await replace('late', {}, {});  // goes out
  await remove('early');
  await waitFor('its events', () => seen.events.includes('delete early'));
  assert.deepEqual(seen.events.slice(2), ['add late', 'update early', 'add other', 'delete late', 'delete early']);
  assert.deepEqual(seen.informer.list().map((one) => one.metadata.name), ['other']);
  assert.equal(seen.informer.get('early', namespace), undefined);
  await seen.stop();
  for (const name of ['other', 'late', 'another']) await remove(name);
});

test('it watches on when the server ends a watch', async () => {
  await create('kept', {}, { of: 'renewal' });
  // The server's own time-out is long: an informer whose watches end after a second.
  const seen = await informed('of=renewal', { timeoutSeconds: 1 });
  await waitFor('a second connection', () => seen.events.filter((one) => one === 'connect').length >= 2);
  await create('new', {}, { of: 'renewal' });
  await waitFor('the new one', () => seen.events.includes('add new'));
  await waitFor('another', () => seen.events.filter((one) => one === 'connect').length >= 3);
  assert.deepEqual(seen.events.filter((one) => one !== 'connect'), ['add kept', 'add new'], 'nothing comes twice');
  assert.equal(seen.lists, 1, 'one list did');
  await seen.stop();
  for (const name of ['kept', 'new']) await remove(name);
});

test('an error is told, and start() goes on', async () => {
  const informer = k8s.makeInformer(config, '/api/v1/namespaces/default/nonsense', () => core.listNamespacedConfigMap({ namespace }));
  let told;
  informer.on('error', (error) => { told = error; });
  await informer.start();
  await waitFor('the error', () => told);
  assert.equal(told.statusCode, 404);
  await informer.stop();
});

test('pods across namespaces as they come and go', async () => {
  const phases = new Map();
  const informer = k8s.makeInformer(config, '/api/v1/pods',
    () => core.listPodForAllNamespaces({ labelSelector: 'in=informer' }), 'in=informer');
  informer.on('change', (one) => phases.set(`${one.metadata.namespace}/${one.metadata.name}`, one.status.phase));
  informer.on('delete', (one) => phases.set(`${one.metadata.namespace}/${one.metadata.name}`, 'gone'));
  await informer.start();
  for (const ns of ['default', 'kube-public'])
    await core.createNamespacedPod({ namespace: ns, body: pod('roaming', { in: 'informer' }) });
  await waitFor('both run', () => phases.size === 2 && [...phases.values()].every((one) => one === 'Running'));
  assert.deepEqual(informer.list('kube-public').map((one) => one.metadata.name), ['roaming']);
  for (const ns of ['default', 'kube-public']) await core.deleteNamespacedPod({ namespace: ns, name: 'roaming', gracePeriodSeconds: 0 });
  await waitFor('both are gone', () => [...phases.values()].every((one) => one === 'gone'));
  assert.deepEqual(informer.list(), []);
  await informer.stop();
});

test('after a storm of changes it has what a list has', async () => {
  const seen = await informed('of=storm');
  await Promise.all(Array.from({ length: 40 }, async (_, i) => {
    const name = `storm-${i}`;
    await create(name, { a: '1' }, { of: 'storm' });
    if (i % 2) await replace(name, { a: '2' }, { of: i % 3 ? 'storm' : 'calm' });
    if (i % 5 === 0) await remove(name);
  }));
  const listed = await core.listNamespacedConfigMap({ namespace, labelSelector: 'of=storm' });
  const versions = (objects) => objects.map((one) => `${one.metadata.name} ${one.metadata.resourceVersion}`).sort();
  await waitFor('the same', () => versions(seen.informer.list()).join() === versions(listed.items).join());
  assert.equal(seen.events.filter((one) => one.startsWith('add ')).length, 40, 'each was added once');
  assert.equal(seen.lists, 1);
  await seen.stop();
  await core.deleteCollectionNamespacedConfigMap({ namespace, labelSelector: 'of in (storm, calm)' });
});
