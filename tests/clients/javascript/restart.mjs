// An informer over two ends of its server. The test that runs this kills and starts `troupe up` for each line it prints
// ("restart", "forget": history too), and answers with a line.
import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { config, configMap, k8s, waitFor } from './client.mjs';
import { informed } from './informed.mjs';

const core = config.makeApiClient(k8s.CoreV1Api);
const namespace = 'default';
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function ask(what) {
  console.log(what);
  assert.equal((await answers.next()).value, 'done');
}

const labels = { of: 'restarts' };
const create = (name) => core.createNamespacedConfigMap({ namespace, body: configMap(name, {}, labels) });
const seen = await informed('of=restarts');
const told = () => seen.events.splice(0).filter((one) => one !== 'connect');

// As the library's own examples do: an error is a reason to start again, a little later.
let deaf = false;
seen.informer.on('error', () => setTimeout(() => deaf || seen.informer.start(), 200));

await create('kept');
await create('doomed');
await waitFor('both', () => seen.events.includes('add doomed'));
told();

await ask('restart');
await create('after');
await waitFor('the new one', () => seen.events.includes('add after'));
assert.deepEqual(told().filter((one) => !one.startsWith('error')), ['add after'], 'the watch was resumed');
assert.equal(seen.lists, 1);

// Deaf while things change and history is forgotten: its version is too old then, so it lists again.
deaf = true;
await seen.informer.stop();
await core.deleteNamespacedConfigMap({ namespace, name: 'doomed' });
await create('missed');
await ask('forget');
await seen.informer.start();
await waitFor('the second list', () => seen.events.includes('add missed'));
assert.deepEqual(told().filter((one) => one !== 'error undefined'), ['delete doomed', 'add missed'], '410 is no error to an informer');
assert.equal(seen.lists, 2);
await create('last');
await waitFor('the last one', () => seen.events.includes('add last'));
assert.deepEqual(seen.informer.list().map((one) => one.metadata.name).sort(), ['after', 'kept', 'last', 'missed']);
await seen.stop();
process.exit(0);
