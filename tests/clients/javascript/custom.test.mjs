// The custom objects API: a definition, its objects, and a small operator over an informer.
import assert from 'node:assert/strict';
import test from 'node:test';
import { config, k8s, refusal, waitFor } from './client.mjs';

const group = 'javascript.example.com';
const of = { group, version: 'v1', namespace: 'default', plural: 'widgets' };
const definitions = config.makeApiClient(k8s.ApiextensionsV1Api);
const custom = config.makeApiClient(k8s.CustomObjectsApi);
const merging = k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch);

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `widgets.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
    versions: [{
      name: 'v1', served: true, storage: true, subresources: { status: {} },
      schema: { openAPIV3Schema: { type: 'object', properties: {
        spec: { type: 'object', properties: { size: { type: 'integer', minimum: 0, _default: 1 } } },
        status: { type: 'object', properties: { ready: { type: 'boolean' } } },
      } } },
    }],
  },
};

const widget = (name, spec = {}) => ({ apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name }, spec });

test('custom objects', async (t) => {
  await definitions.createCustomResourceDefinition({ body: definition });
  t.after(() => definitions.deleteCustomResourceDefinition({ name: definition.metadata.name }));
  await waitFor('the definition is established', async () => {
    const { status } = await definitions.readCustomResourceDefinition({ name: definition.metadata.name });
    return status.conditions?.some((c) => c.type === 'Established' && c.status === 'True');
  });

  await t.test('are created, read, changed and deleted', async () => {
    const made = await custom.createNamespacedCustomObject({ ...of, body: widget('a') });
    assert.equal(made.spec.size, 1);
    const patched = await custom.patchNamespacedCustomObject({ ...of, name: 'a', body: { spec: { size: 3 } } }, merging);
    assert.equal(patched.metadata.generation, 2);
    const list = await custom.listNamespacedCustomObject(of);
    assert.deepEqual(list.items.map((o) => [o.metadata.name, o.spec.size]), [['a', 3]]);
    const status = await refusal(custom.createNamespacedCustomObject({ ...of, body: widget('b', { size: -1 }) }));
    assert.equal(status.details.causes[0].field, 'spec.size');
    await custom.deleteNamespacedCustomObject({ ...of, name: 'a' });
    assert.equal((await refusal(custom.getNamespacedCustomObject({ ...of, name: 'a' }))).reason, 'NotFound');
  });

  await t.test('have an operator', async () => {
    const path = `/apis/${group}/v1/namespaces/default/widgets`;
    const informer = k8s.makeInformer(config, path, () => custom.listNamespacedCustomObject(of));
    const mend = async (object) => {
      if (object.status?.ready) return;
      const body = { status: { ready: true } };
      await custom.patchNamespacedCustomObjectStatus({ ...of, name: object.metadata.name, body }, merging);
    };
    informer.on('add', mend);
    informer.on('update', mend);
    await informer.start();
    await Promise.all(['x', 'y', 'z'].map((name) => custom.createNamespacedCustomObject({ ...of, body: widget(name) })));
    await waitFor('all are ready', async () => {
      const { items } = await custom.listNamespacedCustomObject(of);
      return items.length === 3 && items.every((o) => o.status?.ready);
    });
    await informer.stop();
    await custom.deleteCollectionNamespacedCustomObject(of);
    assert.equal((await custom.listNamespacedCustomObject(of)).items.length, 0);
  });
});
