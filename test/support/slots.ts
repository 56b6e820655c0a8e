import { openSlots, type ProfileKeys } from '../../main/vault/slots.ts';

export interface SlotsAsked {
  readonly file: string;
  readonly profile: string;
  readonly deviceSecret: Uint8Array;
  readonly passphrase: string;
}

/** Opens slots as the vault does, but without counting. */
export function openUncounted(asked: SlotsAsked) {
  const counted = Promise.resolve({ ok: true, value: undefined } as const);
  return openSlots<never>({ ...asked, attempt: async () => ({ ok: true, value: { counted } }) });
}

/** The keys in force, read from outside the program. */
export async function keysOf(asked: SlotsAsked): Promise<ProfileKeys> {
  const opened = await openUncounted(asked);
  if (!opened.ok) throw new Error(opened.error.code);
  const { cacheKeys, outboxKeys } = opened.value.keys;
  const [cacheKey, outboxKey] = [cacheKeys[0], outboxKeys[0]];
  if (!cacheKey || !outboxKey || cacheKeys.length > 1) throw new Error('the keys are being rotated');
  return { cacheKey, outboxKey };
}
