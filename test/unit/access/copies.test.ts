import { describe, expect, it } from 'vitest';
import { type CopiedTo, createCopies } from '../../../main/access/copies.ts';
import type { AuditEntry } from '../../../main/audit/events/entry.ts';
import { listOf, plainFacts } from '../audit/support.ts';

const by = { practitioner: 'Practitioner/a', server: 'https://s' };

function start({ isRecorded = true, mayCopy = true, pastes = ['clipboard', 'selection'] as CopiedTo[] } = {}) {
  const log: string[] = [];
  const recorded: AuditEntry[] = [];
  const clock = { now: 0 };
  const copies = createCopies({
    access: { toldOf: async () => ({ facts: plainFacts('panel'), purpose: 'ETREAT', emergency: true }) },
    audit: {
      async record(entries) {
        recorded.push(...listOf(entries));
        return isRecorded ? { ok: true, value: undefined } : { ok: false, error: { code: 'audit-unavailable' } };
      },
    },
    screen: {
      copied: (where) => log.push(`guard ${where}`),
      clear: async () => void log.push('clear'),
      mayCopy: () => mayCopy,
      canPaste: (where) => pastes.includes(where),
    },
    ...by,
    now: () => clock.now,
  });
  return { copies, log, recorded, clock };
}

describe('security: what is copied', () => {
  it('security: is recorded with the patient whose chart it was in, and guarded at once', async () => {
    const { copies, log, recorded } = start();
    expect((await copies.copied({ where: 'clipboard', patientId: 'p' })).ok).toBe(true);
    await copies.copied({ where: 'clipboard', patientId: null });
    const entry = { action: 'copy', ...by, view: 'lock.copied clipboard' };
    const opened = { purpose: 'ETREAT', emergency: true };
    expect(recorded).toEqual([{ ...entry, patientId: 'p', facts: plainFacts('panel'), ...opened }, entry]);
    expect(log).toEqual(['guard clipboard', 'guard clipboard']);
  });

  it('security: doesn’t stay in the clipboard where it can’t be recorded', async () => {
    const { copies, log } = start({ isRecorded: false });
    expect(await copies.copied({ where: 'clipboard', patientId: 'p' })).toEqual({
      ok: false,
      error: { code: 'audit-unavailable' },
    });
    expect(log).toEqual(['guard clipboard', 'clear']);
  });

  it('security: is refused where policy lets nothing be copied, and recorded as that', async () => {
    const { copies, log, recorded } = start({ mayCopy: false });
    const refused = { ok: false, error: { code: 'not-permitted' } };
    expect(await copies.copied({ where: 'clipboard', patientId: 'p' })).toEqual(refused);
    expect(recorded).toMatchObject([{ action: 'denied', attempted: 'copy', patientId: 'p' }]);
    expect(log).toEqual(['guard clipboard']);
  });

  it('is recorded once a minute and patient while somebody selects, and not where that can’t be pasted', async () => {
    const { copies, recorded, clock } = start();
    for (const patientId of ['p', 'p', 'q']) await copies.copied({ where: 'selection', patientId });
    clock.now = 60_000;
    await copies.copied({ where: 'selection', patientId: 'p' });
    expect(recorded.map(({ patientId }) => patientId)).toEqual(['p', 'q', 'p']);
    // The clock is set right.
    clock.now = -3_600_000;
    for (const patientId of ['p', 'p']) await copies.copied({ where: 'selection', patientId });
    expect(recorded.map(({ patientId }) => patientId)).toEqual(['p', 'q', 'p', 'p']);
    const windows = start({ pastes: ['clipboard'] });
    await windows.copies.copied({ where: 'selection', patientId: 'p' });
    expect(windows.recorded).toEqual([]);
  });
});
