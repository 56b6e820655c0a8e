import type { DevServer } from '../server/index.ts';
import { type Canary, textCanary } from './canaries.ts';
import { panelOf } from './expected.ts';

/** Names and note texts of the clinician's patients. */
export function patientCanaries(server: DevServer): Canary[] {
  const panel = panelOf(server);
  const names = panel.flatMap((id) => {
    const family = Reflect.get(server.store.read('Patient', id) ?? {}, 'name')?.[0]?.family;
    return typeof family === 'string' && family.length > 5 ? [textCanary(`name ${family}`, family)] : [];
  });
  const notes = server.store.list('DocumentReference').flatMap((document) => {
    const data = Reflect.get(document, 'content')?.[0]?.attachment?.data;
    if (typeof data !== 'string') return [];
    const text = Buffer.from(data, 'base64').toString('utf8').slice(20, 60);
    return [textCanary('note text', text), textCanary('note as base64', data.slice(40, 120))];
  });
  return [...names, ...notes];
}
