import type { AuditError } from '../../preload/contract/audit.ts';
import type { Result } from '../../preload/contract/channel.ts';
import type { Audit } from '../audit/audit.ts';
import type { AuditEntry } from '../audit/events/entry.ts';
import type { Access } from './access.ts';

export type CopiedTo = 'clipboard' | 'selection';

/** Records what leaves a chart for the clipboard. */
export interface Copies {
  /** `patientId`: whose chart or row it was in, as far as the page can tell. */
  copied(request: {
    where: CopiedTo;
    patientId: string | null;
  }): Promise<Result<Record<string, never>, AuditError | 'not-permitted'>>;
}

export interface CopiesOptions {
  readonly access: Pick<Access, 'toldOf'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly screen: {
    copied(where: CopiedTo): void;
    clear(): Promise<void>;
    canPaste(where: CopiedTo): boolean;
    mayCopy(): boolean;
  };
  readonly practitioner: string;
  readonly server: string;
  readonly now: () => number;
}

/** Whoever selects text selects again and again. */
const SELECTING_MS = 60_000;

export function createCopies({ access, audit, screen, practitioner, server, now }: CopiesOptions): Copies {
  const selected = new Map<string | null, number>();

  /** True where it was recorded a moment ago; a clock that was set back doesn't tell how long that is. */
  function isKnown(where: CopiedTo, patientId: string | null): boolean {
    const age = now() - (selected.get(patientId) ?? Number.NEGATIVE_INFINITY);
    return where === 'selection' && age >= 0 && age < SELECTING_MS;
  }

  return {
    async copied({ where, patientId }) {
      screen.copied(where);
      if (!screen.canPaste(where) || isKnown(where, patientId)) return { ok: true, value: {} };
      const about = patientId === null ? {} : { patientId, ...(await access.toldOf(patientId)) };
      const mayCopy = screen.mayCopy();
      const deed = mayCopy ? ({ action: 'copy' } as const) : ({ action: 'denied', attempted: 'copy' } as const);
      const entry: AuditEntry = { ...deed, practitioner, server, view: `lock.copied ${where}`, ...about };
      const recorded = await audit.record(entry);
      if (!recorded.ok) {
        await screen.clear();
        return recorded;
      }
      if (where === 'selection') selected.set(patientId, now());
      return mayCopy ? { ok: true, value: {} } : { ok: false, error: { code: 'not-permitted' } };
    },
  };
}
