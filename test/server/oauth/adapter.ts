/** Where oidc-provider keeps its sessions, codes and tokens: one map per server, gone with it. */
interface Payload {
  uid?: string;
  userCode?: string;
  grantId?: string;
  consumed?: number;
}

interface Kept {
  model: string;
  payload: Payload;
  expiresAt: number;
}

/** A factory as oidc-provider's `adapter` setting takes it. */
export function createAdapterFactory(): (model: string) => object {
  const kept = new Map<string, Kept>();

  function living(key: string): Payload | undefined {
    const item = kept.get(key);
    if (item && item.expiresAt <= Date.now()) kept.delete(key);
    return kept.get(key)?.payload;
  }

  return (model) => {
    const keyOf = (id: string) => `${model}:${id}`;
    const findWhere = async (test: (payload: Payload) => boolean) =>
      [...kept.values()].find((item) => item.model === model && test(item.payload))?.payload;
    return {
      async upsert(id: string, payload: Payload, expiresIn?: number) {
        const expiresAt = expiresIn === undefined ? Number.POSITIVE_INFINITY : Date.now() + expiresIn * 1000;
        kept.set(keyOf(id), { model, payload, expiresAt });
      },
      find: async (id: string) => living(keyOf(id)),
      findByUid: (uid: string) => findWhere((payload) => payload.uid === uid),
      findByUserCode: (code: string) => findWhere((payload) => payload.userCode === code),
      async consume(id: string) {
        const payload = living(keyOf(id));
        if (payload) payload.consumed = Math.floor(Date.now() / 1000);
      },
      async destroy(id: string) {
        kept.delete(keyOf(id));
      },
      async revokeByGrantId(grantId: string) {
        for (const [key, item] of kept) if (item.payload.grantId === grantId) kept.delete(key);
      },
    };
  };
}
