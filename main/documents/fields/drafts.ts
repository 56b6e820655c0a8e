import { parse } from 'lossless-json';
import type { DraftKey } from '../../../preload/contract/drafts.ts';
import type { Cache } from '../../cache/client.ts';
import { isObject, KEPT, type Mark, placesMasked } from './elements.ts';

interface SealedDraftsOptions {
  readonly fields: readonly Mark[];
  readonly cache: {
    readonly read: Pick<Cache['read'], 'resource'>;
    readonly outbox: Pick<Cache['outbox'], 'resolveId'>;
  };
}

/** Whether what is typed will be sealed, so that it is encrypted and shown on demand as a draft already. */
export type IsDraftSealed = (key: DraftKey) => Promise<boolean>;

/** A number that is typed for a value is no text to be read: only notes are. */
const TYPE = 'DocumentReference';
const TEXT = /^content(\.|$)/;

export function createIsDraftSealed({ fields, cache }: SealedDraftsOptions): IsDraftSealed {
  // Which labels a new note will have, nobody knows.
  const isAnySealed = fields.some(({ type, path, label }) => type === TYPE && label === null && TEXT.test(path));
  return async ({ resourceType: type, resourceId }) => {
    if (type !== TYPE) return false;
    if (isAnySealed) return true;
    if (resourceId === null) return false;
    const body = await cache.read.resource({ type, id: await cache.outbox.resolveId({ type, id: resourceId }) });
    const resource = body === null ? null : parse(body);
    return isObject(resource) && placesMasked(resource, KEPT).some(({ path }) => TEXT.test(path));
  };
}
