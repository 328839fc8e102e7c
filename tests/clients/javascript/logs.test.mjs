// Logs: a hollow container writes a line as it starts.
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import test from 'node:test';
import { config, k8s, pod, refusal, waitFor } from './client.mjs';

const core = config.makeApiClient(k8s.CoreV1Api);
const namespace = 'default';

test('logs by the typed API and by Log', async () => {
  await core.createNamespacedPod({ namespace, body: pod('terse') });
  await waitFor('it runs', async () => (await core.readNamespacedPod({ namespace, name: 'terse' })).status.phase === 'Running');
  const line = /^main started on simulated node node\d\n$/;
  assert.match(await core.readNamespacedPodLog({ namespace, name: 'terse' }), line);
  const stamped = await core.readNamespacedPodLog({ namespace, name: 'terse', container: 'main', tailLines: 5, timestamps: true });
  const [stamp] = stamped.split(' ', 1);
  assert.ok(Math.abs(Date.parse(stamp) - Date.now()) < 60000, stamp);
  assert.match(stamped.slice(stamp.length + 1), line);
  assert.equal(await core.readNamespacedPodLog({ namespace, name: 'terse', limitBytes: 4 }), 'main');
  const wrong = await refusal(core.readNamespacedPodLog({ namespace, name: 'terse', container: 'nope' }));
  assert.deepEqual([wrong.code, wrong.reason, wrong.message],
    [400, 'BadRequest', 'container nope is not valid for pod terse']);
  const negative = await refusal(core.readNamespacedPodLog({ namespace, name: 'terse', tailLines: -1 }));
  assert.deepEqual([negative.code, negative.reason], [422, 'Invalid']);

  const log = new k8s.Log(config);
  const out = new PassThrough();
  const followed = await log.log(namespace, 'terse', 'main', out, { follow: true, tailLines: 1 });
  let text = '';
  out.on('data', (chunk) => { text += chunk; });
  await waitFor('the line', () => line.test(text));
  followed.abort();
  await assert.rejects(log.log(namespace, 'absent', 'main', new PassThrough(), {}),
    (error) => error.code === 404);
  await core.deleteNamespacedPod({ namespace, name: 'terse', gracePeriodSeconds: 0 });
});
