// An informer of the ConfigMaps in "default" that writes down what it is told.
import { config, k8s } from './client.mjs';

class Watch extends k8s.Watch {
  constructor(more) {
    super(config);
    this.more = more;
  }

  watch(path, query, ...handlers) {
    return super.watch(path, { ...query, ...this.more }, ...handlers);
  }
}

/** `events`: "add NAME" and so on, "connect", "error CODE"; `lists`: how often it listed. */
export async function informed(labelSelector, query = {}) {
  const core = config.makeApiClient(k8s.CoreV1Api);
  const seen = { events: [], lists: 0 };
  const list = () => {
    ++seen.lists;
    return core.listNamespacedConfigMap({ namespace: 'default', labelSelector });
  };
  const informer = new k8s.ListWatch('/api/v1/namespaces/default/configmaps', new Watch(query), list, false, labelSelector);
  for (const verb of ['add', 'update', 'delete'])
    informer.on(verb, (object) => seen.events.push(`${verb} ${object.metadata.name}`));
  informer.on('connect', () => seen.events.push('connect'));
  informer.on('error', (error) => seen.events.push(`error ${error.statusCode ?? error.code}`));
  await informer.start();
  return Object.assign(seen, { informer, stop: () => informer.stop() });
}
