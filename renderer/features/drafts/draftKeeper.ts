import type { Draft, DraftKey, DraftText } from '../../../preload/contract/drafts.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { createAutosave } from './autosave.ts';

/** Where the typed text is. `failed`: on this screen only. */
export type DraftState =
  | { readonly kind: 'none' | 'keeping' }
  | { readonly kind: 'kept'; readonly at: string }
  | { readonly kind: 'failed'; readonly code: string };

/** Keeps one text as a draft while it is typed. */
export interface DraftKeeper {
  /** The text as it is now; null where it says nothing that the record doesn't. The first one is what there is already. */
  change(text: DraftText | null): void;
  flush(): Promise<void>;
  /** The text is being saved: keeps no more of it. Resolves when nothing is on its way, so that no draft comes after it. */
  pause(): Promise<void>;
  /** It could not be saved: goes on. */
  resume(): void;
}

export function createDraftKeeper(
  { patientId, resourceType, resourceId }: DraftKey,
  begun: Draft | null,
  onState: (state: DraftState) => void,
): DraftKeeper {
  let isKept = begun !== null;
  let isFirst = true;
  let latest: DraftText | null = null;
  let said = '';
  let autosave = createAutosave(write);

  async function write(text: DraftText | null): Promise<void> {
    if (text === null) {
      const dropped = isKept ? await codeOf(bridge().drafts.drop({ patientId, resourceType, resourceId })) : null;
      isKept = isKept && dropped !== null;
      return onState({ kind: 'none' });
    }
    const answer = await bridge()
      .drafts.keep(text)
      .catch(() => ({ ok: false as const, error: { code: 'internal' } }));
    isKept = isKept || answer.ok;
    onState(answer.ok ? { kind: 'kept', at: answer.value.keptAt } : { kind: 'failed', code: answer.error.code });
  }

  return {
    change(text) {
      const next = JSON.stringify(text);
      const isOther = next !== said;
      said = next;
      latest = text;
      if (isOther && !isFirst) autosave.change(text);
      isFirst = false;
    },
    flush: () => autosave.flush(),
    pause: () => autosave.stop(),
    resume() {
      autosave = createAutosave(write);
      autosave.change(latest);
    },
  };
}
