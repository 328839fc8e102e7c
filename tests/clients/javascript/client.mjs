// What the scripts share: the library that is put to the test, its configuration, and what they wait with.
import assert from 'node:assert/strict';
import * as k8s from '@kubernetes/client-node';

export { k8s };

export const config = new k8s.KubeConfig();
config.loadFromDefault();

/** The Status that a promise is refused with. */
export async function refusal(promise) {
  let answer;
  try {
    answer = await promise;
  } catch (error) {
    if (!(error instanceof k8s.ApiException)) throw error;
    const status = typeof error.body === 'string' ? JSON.parse(error.body) : error.body;
    assert.equal(status.kind, 'Status');
    assert.equal(status.status, 'Failure');
    assert.equal(status.code, error.code, 'the Status has the code of the answer');
    return status;
  }
  assert.fail(`not refused: ${JSON.stringify(answer)}`);
}

// Tries again while somebody else, such as a controller, was faster: what a client does about a conflict.
export async function retried(attempt) {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (error.code !== 409) throw error;
    }
  }
}

export const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** The first true value of condition(). */
export async function waitFor(what, condition, seconds = 15) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    assert.ok(Date.now() < deadline, `not within ${seconds} s: ${what}`);
    await sleep(50);
  }
}

/** A ConfigMap's body. */
export const configMap = (name, data = {}, labels = {}) => ({
  apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', labels }, data,
});

/** A Pod's body. */
export const pod = (name, labels = {}) => ({
  metadata: { name, labels }, spec: { containers: [{ name: 'main', image: 'busybox:1.35' }] },
});
