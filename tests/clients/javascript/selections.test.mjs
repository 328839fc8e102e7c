// Watches of selections: what comes into them and leaves them, streaming lists, and what is refused.
import assert from 'node:assert/strict';
import test from 'node:test';
import { config, configMap, k8s, pod, sleep, waitFor } from './client.mjs';

const core = config.makeApiClient(k8s.CoreV1Api);
const namespace = 'default';
const path = '/api/v1/namespaces/default/configmaps';

/** Watches until stop(); `events` grows, `ended` is what the end came with (null: nothing). */
async function watching(where, query) {
  const events = [];
  const seen = { events, ended: undefined };
  const controller = await new k8s.Watch(config).watch(where, query,
    (type, object) => events.push({ type, object }), (error) => { seen.ended = error ?? null; });
  seen.stop = () => controller.abort();
  return seen;
}

const short = ({ type, object }) => `${type} ${object.metadata.name}`;

async function version() {
  return (await core.listNamespacedConfigMap({ namespace })).metadata.resourceVersion;
}

test('objects come into a selection and leave it', async () => {
  const seen = await watching(path, { resourceVersion: await version(), labelSelector: 'in=yes' });
  const body = (labels, more = '') => configMap('moving', { more }, labels);
  const replace = (labels, more) => core.replaceNamespacedConfigMap({ namespace, name: 'moving', body: body(labels, more) });
  await core.createNamespacedConfigMap({ namespace, body: body({}) });
  await replace({ in: 'yes' });
  await replace({ in: 'yes' }, 'changed');
  await replace({ in: 'no' });
  await core.deleteNamespacedConfigMap({ namespace, name: 'moving' });
  await waitFor('three events', () => seen.events.length >= 3);
  await sleep(200);
  seen.stop();
  assert.deepEqual(seen.events.map(short), ['ADDED moving', 'MODIFIED moving', 'DELETED moving']);
  assert.deepEqual(seen.events[2].object.metadata.labels, { in: 'yes' }, 'as it was when it was still selected');
});

test('a streaming list begins with what there is', async () => {
  await core.createNamespacedConfigMap({ namespace, body: configMap('there', {}, { only: 'this' }) });
  const seen = await watching(path, { labelSelector: 'only=this', sendInitialEvents: true, allowWatchBookmarks: true,
    resourceVersionMatch: 'NotOlderThan' });
  await waitFor('the bookmark', () => seen.events.length >= 2);
  seen.stop();
  assert.deepEqual(seen.events.map((one) => one.type), ['ADDED', 'BOOKMARK']);
  assert.equal(seen.events[1].object.metadata.annotations['k8s.io/initial-events-end'], 'true');
  await core.deleteNamespacedConfigMap({ namespace, name: 'there' });
});

test('a pod from Pending to its end, by its name', async () => {
  const seen = await watching('/api/v1/namespaces/default/pods', { fieldSelector: 'metadata.name=seen' });
  await core.createNamespacedPod({ namespace, body: pod('seen') });
  const last = () => seen.events[seen.events.length - 1];
  await waitFor('it runs', () => last()?.object.status?.phase === 'Running');
  await core.deleteNamespacedPod({ namespace, name: 'seen' });
  await waitFor('it is gone', () => last().type === 'DELETED');
  seen.stop();
  assert.equal(seen.events[0].type, 'ADDED');
  assert.equal(seen.events[0].object.status.phase, 'Pending');
  assert.ok(seen.events.slice(1, -1).every((one) => one.type === 'MODIFIED'));
  assert.ok(seen.events.some((one) => one.type === 'MODIFIED' && one.object.metadata.deletionTimestamp));
});

test('what is refused ends with the code', async () => {
  const refused = await watching('/api/v1/namespaces/default/nonsense', {});
  await waitFor('the refusal', () => refused.ended !== undefined);
  assert.equal(refused.ended.statusCode, 404);
  const odd = await watching(path, { resourceVersion: 'nonsense' });
  await waitFor('the refusal', () => odd.ended !== undefined);
  assert.equal(odd.ended.statusCode, 422);
});
