// Watches and informers of the JavaScript client.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as k8s from '@kubernetes/client-node';

const config = new k8s.KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(k8s.CoreV1Api);
const namespace = 'default';
const path = `/api/v1/namespaces/${namespace}/configmaps`;

const create = (name, labels) =>
  core.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels }, data: { a: '1' } } });
const change = (name) => core.patchNamespacedConfigMap(
  { namespace, name, body: { data: { a: '2' } } },
  k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch));
const remove = (name) => core.deleteNamespacedConfigMap({ namespace, name });

// What has been seen, and a promise for the moment when that is enough.
class Record {
  seen = [];
  add(entry) {
    this.seen.push(entry);
    this.check?.();
  }
  until(expected) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`saw only ${JSON.stringify(this.seen)}`)), 20000);
      this.check = () => {
        if (!expected.every((entry) => this.seen.includes(entry))) return;
        clearTimeout(timer);
        resolve();
      };
      this.check();
    });
  }
}

test('a watch sees changes in their order', async () => {
  const from = (await core.listNamespacedConfigMap({ namespace })).metadata.resourceVersion;
  const record = new Record();
  const ended = [];
  const watch = await new k8s.Watch(config).watch(
    path, { resourceVersion: from, labelSelector: 'watched=yes' },
    (type, object) => record.add(`${type} ${object.metadata.name}`), (error) => ended.push(error));
  await create('other', {});
  await create('seen', { watched: 'yes' });
  await change('seen');
  await remove('seen');
  await remove('other');
  await record.until(['DELETED seen']);
  assert.deepEqual(record.seen, ['ADDED seen', 'MODIFIED seen', 'DELETED seen']);
  watch.abort();
});

test('a watch ends when its time is over, and goes on where it ended', async () => {
  const from = (await core.listNamespacedConfigMap({ namespace })).metadata.resourceVersion;
  await create('between', {});
  const seen = [];
  const run = (resourceVersion) => new Promise((resolve) => {
    let last = resourceVersion;
    new k8s.Watch(config).watch(
      path, { resourceVersion, timeoutSeconds: 1, allowWatchBookmarks: true },
      (type, object) => {
        if (type !== 'BOOKMARK') seen.push(`${type} ${object.metadata.name}`);
        last = object.metadata.resourceVersion;
      }, () => resolve(last));
  });
  const last = await run(from);
  await remove('between');
  await run(last);
  assert.deepEqual(seen, ['ADDED between', 'DELETED between']);
});

test('an informer keeps a cache and tells of each change', async () => {
  await create('before', { informed: 'yes' });
  const list = () => core.listNamespacedConfigMap({ namespace, labelSelector: 'informed=yes' });
  const informer = k8s.makeInformer(config, path, list, 'informed=yes');
  const record = new Record();
  for (const event of ['add', 'update', 'delete'])
    informer.on(event, (object) => record.add(`${event} ${object.metadata.name}`));
  informer.on('error', (error) => record.add(`error ${error}`));
  await informer.start();
  await create('after', { informed: 'yes' });
  await create('unrelated', {});
  await record.until(['add before', 'add after']);
  assert.deepEqual(informer.list().map((object) => object.metadata.name).sort(), ['after', 'before']);
  await change('before');
  await record.until(['update before']);
  assert.equal(informer.get('before', namespace).data.a, '2');
  for (const name of ['before', 'after', 'unrelated']) await remove(name);
  await record.until(['delete before', 'delete after']);
  assert.equal(informer.list().length, 0);
  assert.ok(!record.seen.some((entry) => entry.startsWith('error') || entry.includes('unrelated')), record.seen);
  await informer.stop();
});
