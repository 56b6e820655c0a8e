import { describe, expect, it } from 'vitest';
import type { Access } from '../../../main/access/access.ts';
import { createWriter, type WritesOptions } from '../../../main/access/write.ts';
import type { NewChange } from '../../../main/cache/operations.ts';
import { composer } from '../../../main/writing/composer.ts';

/** A writer whose clock goes on by an hour at every look at it: just before midnight, and past it at the second. */
function writerThroughMidnight() {
  const added: NewChange[] = [];
  let time = Date.parse('2026-03-12T23:30:00Z');
  const basis = { purpose: 'TREAT', emergency: false };
  const decision = { allowed: true, sight: {}, grounds: { roles: [] }, basis, holds: () => true };
  const options = {
    access: { decide: async () => decision } as unknown as Access,
    audit: { record: async () => ({ ok: true, value: undefined }) },
    cache: {
      read: { isReplaced: async () => false, currentEncounter: async () => null },
      outbox: {
        async add(change: NewChange) {
          added.push(change);
          return { ok: true, value: { changeId: 'c' } };
        },
      },
    },
    composer,
    sealer: { seal: async (value: object) => ({ ok: true, value }) },
    wrapping: () => new Uint8Array(32),
    ...{ practitioner: 'Practitioner/dr', display: 'Dr A', server: 'https://s' },
    now() {
      time += 3_600_000;
      return time - 3_600_000;
    },
    offsetMinutes: () => 0,
    newId: () => '7c3f7bd9-6b8e-4bd6-9a70-3f4a26c1d0aa',
    device: async () => ({ display: 'Wardlight' }),
    onWritten: () => undefined,
    language: async () => 'en',
  };
  return { writer: createWriter(options as unknown as WritesOptions), added };
}

describe('a record', () => {
  it('and its Provenance go by one reading of the clock, however long it takes to keep them', async () => {
    const { writer, added } = writerThroughMidnight();
    const questionnaire = { url: 'https://hospital.example/q', version: '1', title: 'Q' };
    const written = await writer.write({
      ...{ action: 'create', type: 'QuestionnaireResponse', view: 'v', patientId: 'p1', base: null },
      began: '2026-03-12T22:00:00.000+00:00',
      make: (writing) => ({ ok: true, value: composer.newAnswers({ questionnaire, items: '[]' }, writing) }),
    });
    expect(written.ok).toBe(true);
    const [change] = added;
    const record = JSON.parse(change?.body ?? '');
    const provenance = JSON.parse(change?.provenance ?? '');
    expect(record.authored).toBe('2026-03-12T23:30:00.000+00:00');
    expect(provenance).toMatchObject({
      recorded: record.authored,
      occurredPeriod: { start: '2026-03-12T22:00:00.000+00:00', end: record.authored },
    });
    expect(change?.changedAt).toBe('2026-03-12T23:30:00.000Z');
  });
});
