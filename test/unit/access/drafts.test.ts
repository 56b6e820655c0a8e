import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../main/access/access.ts';
import { createDrafts } from '../../../main/access/drafts.ts';
import type { AuditEntry } from '../../../main/audit/events/entry.ts';
import type { Cache } from '../../../main/cache/client.ts';
import type { Labels } from '../../../main/cache/ingest/labels.ts';
import type { KeptDraft, Subject } from '../../../main/cache/operations.ts';
import type { Sight } from '../../../main/cache/sight.ts';
import type { DraftItem } from '../../../preload/contract/drafts.ts';
import { listOf, plainFacts } from '../audit/support.ts';

const grounds = { facts: plainFacts() };
const NOW = '2026-11-01T08:00:00.000Z';
const patient = { family: 'Ng', given: 'Ana', prefix: '' };
const NOTES = { patientId: 'p', resourceType: 'DocumentReference' } as const;
const NEW = { ...NOTES, resourceId: null } as const;
const text = { ...NEW, kind: 'progress', versionId: '', title: 'Progress note', body: 'Slept well.' } as const;

const labelled = (confidentiality: 'N' | 'R'): Labels => ({ confidentiality, sensitivity: [], authors: [] });

function subject(confidentiality: 'N' | 'R', patientId = 'p'): Subject {
  return { patientId, type: 'DocumentReference', labels: labelled(confidentiality) };
}

interface Options {
  denied?: string[];
  /** What may be done to nobody's records. */
  never?: string[];
  isRecorded?: boolean;
  full?: boolean;
  /** The text of notes is encrypted. */
  sealed?: boolean;
  /** What is open of the patients; nothing by default. */
  basis?: Extract<Decision, { allowed: true }>['basis'];
}

function start({ denied = [], never = [], isRecorded = true, full = false, sealed = false, basis = {} }: Options = {}) {
  const now = { basis, holds: true };
  const log: string[] = [];
  const kept = new Map<string, KeptDraft<DraftItem>>();
  /** Notes that the cache has, with their labels; another one is not there. */
  const notes = new Map<string, Subject>();
  const recorded: Omit<AuditEntry, 'practitioner' | 'server'>[] = [];
  const done = async () =>
    full ? ({ ok: false, error: { code: 'disk-full' } } as const) : ({ ok: true, value: null } as const);
  const read: Partial<Cache['read']> = {
    subject: async ({ id }) => notes.get(id) ?? null,
  };
  const outbox: Partial<Cache['outbox']> = {
    resolveId: async ({ id }) => id,
    async keepDraft(draft) {
      log.push('keep');
      kept.set(draft.patientId, { ...draft, patient });
      return done();
    },
    async dropDraft({ patientId }) {
      log.push('drop');
      kept.delete(patientId);
      return done();
    },
    drafts: async ({ patientId }) => [...kept.values()].filter((one) => (patientId ?? one.patientId) === one.patientId),
  };
  const drafts = createDrafts({
    access: {
      groundsOf: async () => grounds,
      decide: async ({ action, patientId, subjects = [] }) =>
        never.includes(action) ||
        denied.includes(patientId) ||
        subjects.some(({ labels }) => labels.confidentiality !== 'N')
          ? { allowed: false, reason: 'policy', grounds }
          : { allowed: true, grounds, sight: {} as Sight, basis: now.basis, holds: () => now.holds },
    },
    audit: {
      async record(entries) {
        const { practitioner: _practitioner, server: _server, ...entry } = listOf(entries)[0] as AuditEntry;
        log.push(`record ${entry.action}`);
        recorded.push(entry);
        return isRecorded ? { ok: true, value: undefined } : { ok: false, error: { code: 'audit-unavailable' } };
      },
    },
    cache: { outbox: outbox as Cache['outbox'], read: read as Cache['read'] },
    practitioner: 'Practitioner/a',
    server: 'https://s',
    now: () => Date.parse(NOW),
    newId: () => 'request',
    isSealed: async () => sealed,
  });
  return { drafts, log, kept, recorded, denied, now, notes };
}

const code = (answer: { ok: boolean; error?: { code: string } }) => (answer.ok ? 'ok' : answer.error?.code);

describe('a draft', () => {
  it('is kept with the time, and recorded once however often it is kept', async () => {
    const { drafts, log, recorded } = start();
    for (let count = 0; count < 3; count += 1) {
      expect(await drafts.keep(text)).toEqual({ ok: true, value: { keptAt: NOW } });
    }
    expect(log).toEqual(['record draft', 'keep', 'keep', 'keep']);
    expect(recorded).toEqual([{ action: 'draft', patientId: 'p', view: 'drafts.keep', ...grounds }]);
    await drafts.drop(NEW);
    await drafts.keep(text);
    expect(recorded.map(({ action }) => action)).toEqual(['draft', 'draft-discard', 'draft']);
  });

  it('security: of what is encrypted is handed out only when asked for, and that is recorded first', async () => {
    const { drafts, kept, recorded } = start({ sealed: true });
    await drafts.keep(text);
    expect(kept.get('p')?.sealed).toBe(true);
    const listed = await drafts.ofPatient(NOTES);
    expect(listed).toMatchObject({ ok: true, value: { items: [{ title: 'Progress note', body: '', sealed: true }] } });
    expect(JSON.stringify(listed)).not.toContain(text.body);
    expect(await drafts.open(NEW)).toEqual({ ok: true, value: { body: text.body } });
    expect(recorded.at(-1)).toMatchObject({
      action: 'decrypt',
      patientId: 'p',
      view: 'drafts.open',
      encryption: { context: { type: 'DocumentReference', path: 'draft' }, algorithm: 'AES-256-GCM' },
    });
  });

  it('security: of what is encrypted is opened for nobody who may not see it, and never without a record', async () => {
    const denied = start({ sealed: true });
    await denied.drafts.keep(text);
    denied.denied.push('p');
    expect(code(await denied.drafts.open(NEW))).toBe('not-permitted');
    expect(denied.recorded.at(-1)).toMatchObject({ action: 'denied', attempted: 'decrypt' });
    const ended = start({ sealed: true });
    await ended.drafts.keep(text);
    ended.now.holds = false;
    expect(code(await ended.drafts.open(NEW))).toBe('not-permitted');
    const unrecorded = start({ sealed: true, isRecorded: false });
    unrecorded.kept.set('p', { ...text, changedAt: NOW, patient, labels: null, sealed: true });
    expect(code(await unrecorded.drafts.open(NEW))).toBe('audit-unavailable');
    const gone = start({ sealed: true });
    gone.kept.set('p', { ...text, resourceId: 'n', changedAt: NOW, patient, labels: labelled('R'), sealed: true });
    expect(code(await gone.drafts.open({ ...NOTES, resourceId: 'n' }))).toBe('not-permitted');
    expect(code(await gone.drafts.open(NEW))).toBe('not-found');
  });

  it('is shown with its text, and listed without it', async () => {
    const { drafts, recorded } = start();
    await drafts.keep(text);
    expect(await drafts.ofPatient(NOTES)).toMatchObject({ ok: true, value: { items: [text] } });
    const listed = await drafts.list({});
    expect(listed).toMatchObject({ ok: true, value: { items: [{ patientId: 'p', patient }], hidden: 0 } });
    expect(JSON.stringify(listed)).not.toContain(text.body);
    expect(recorded.slice(1)).toEqual([
      { action: 'read', patientId: 'p', view: 'drafts.read', ...grounds },
      {
        action: 'search',
        patientId: 'p',
        view: 'drafts.list',
        query: 'drafts.list?',
        requestId: 'request',
        details: { returned: '1' },
      },
    ]);
  });

  it('says why it could not be kept', async () => {
    expect(code(await start({ full: true }).drafts.keep(text))).toBe('disk-full');
  });
});

const EMERGENCY = { purpose: 'ETREAT', emergency: true };

describe('security: drafts', () => {
  it('security: under emergency access are recorded as such, however long they were kept without', async () => {
    const { drafts, recorded, now } = start();
    await drafts.keep(text);
    now.basis = EMERGENCY;
    await drafts.keep({ ...text, body: 'More.' });
    await drafts.keep({ ...text, body: 'More and more.' });
    await drafts.ofPatient(NOTES);
    await drafts.drop(NEW);
    await drafts.keep(text);
    expect(recorded).toEqual([
      { action: 'draft', patientId: 'p', view: 'drafts.keep', ...grounds },
      { action: 'draft', patientId: 'p', view: 'drafts.keep', ...grounds, ...EMERGENCY },
      { action: 'read', patientId: 'p', view: 'drafts.read', ...grounds, ...EMERGENCY },
      { action: 'draft-discard', patientId: 'p', view: 'drafts.drop', ...grounds, ...EMERGENCY },
      { action: 'draft', patientId: 'p', view: 'drafts.keep', ...grounds, ...EMERGENCY },
    ]);
  });

  it('security: are not shown once what was opened is over', async () => {
    const { drafts, now } = start({ basis: EMERGENCY });
    await drafts.keep(text);
    now.holds = false;
    expect(code(await drafts.ofPatient(NOTES))).toBe('not-permitted');
  });

  it('security: of a patient who is denied are neither kept, shown, named nor given up, and stay', async () => {
    const { drafts, denied, kept, log } = start();
    await drafts.keep(text);
    denied.push('p');
    log.length = 0;
    expect(code(await drafts.keep({ ...text, body: 'More.' }))).toBe('not-permitted');
    expect(code(await drafts.ofPatient(NOTES))).toBe('not-permitted');
    expect(code(await drafts.drop(NEW))).toBe('not-permitted');
    expect(await drafts.list({})).toEqual({ ok: true, value: { items: [], hidden: 1 } });
    expect(log).toEqual(['record denied', 'record denied', 'record denied', 'record search']);
    expect(kept.get('p')?.body).toBe(text.body);
    denied.length = 0;
    expect(await drafts.list({})).toMatchObject({ ok: true, value: { hidden: 0, items: [{ patientId: 'p' }] } });
  });

  const typed = { ...text, resourceId: 'n' } as const;

  it.each([
    ['is withheld', subject('R'), labelled('N')],
    ['is gone, and was withheld when it was amended', null, labelled('R')],
    ['is gone, and of which nothing is known', null, null],
    ['is another patient’s by now, and was withheld when it was amended', subject('N', 'q'), labelled('R')],
    ['is another patient’s by now, and is withheld of her', subject('R', 'q'), labelled('N')],
  ])('security: of a note that %s are neither kept, shown nor given up, and stay', async (_what, note, labels) => {
    const { drafts, kept, notes } = start();
    if (note) notes.set('n', note);
    kept.set('p', { ...typed, changedAt: NOW, patient, labels, sealed: false });
    expect(code(await drafts.keep({ ...typed, body: 'More.' }))).toBe('not-permitted');
    expect(code(await drafts.drop(typed))).toBe('not-permitted');
    expect(await drafts.ofPatient(NOTES)).toEqual({ ok: true, value: { items: [], withheld: 1 } });
    expect(await drafts.list({})).toEqual({ ok: true, value: { items: [], hidden: 1 } });
    expect(kept.get('p')?.body).toBe(text.body);
    notes.set('n', subject('N'));
    expect(await drafts.ofPatient(NOTES)).toMatchObject({ ok: true, value: { items: [typed] } });
  });

  it('of what is added to a note are kept where new ones may be written, though none be changed', async () => {
    // As under emergency access; only what is added is saved as a new one, and that is decided when it is saved.
    const { drafts, kept, notes, recorded } = start({ never: ['update'] });
    notes.set('n', subject('N'));
    expect(code(await drafts.keep({ ...typed, body: 'Addendum.' }))).toBe('ok');
    expect(kept.get('p')).toMatchObject({ body: 'Addendum.', labels: labelled('N') });
    expect(recorded.map(({ action }) => action)).toEqual(['draft']);
    const none = start({ never: ['update', 'create'] });
    none.notes.set('n', subject('N'));
    expect(code(await none.drafts.keep(typed))).toBe('not-permitted');
  });

  it('of a note that is gone is judged by what the note was, and goes on being kept', async () => {
    const { drafts, kept, notes } = start();
    notes.set('n', subject('N'));
    await drafts.keep(typed);
    notes.clear();
    expect(await drafts.keep({ ...typed, body: 'More.' })).toMatchObject({ ok: true });
    expect(kept.get('p')).toMatchObject({ body: 'More.', labels: labelled('N') });
    const shown = await drafts.ofPatient(NOTES);
    expect(shown).toMatchObject({ ok: true, value: { items: [{ body: 'More.' }], withheld: 0 } });
    expect(JSON.stringify(shown)).not.toContain('confidentiality');
  });

  const value = {
    patientId: 'p',
    resourceType: 'Observation',
    resourceId: 'o',
    kind: null,
    versionId: '1',
    title: 'Heart rate',
    body: { value: '8', diastolic: null, unit: '/min' },
  } as const;

  it('of a vital sign are recorded with it, and shown with the vital signs alone', async () => {
    const { drafts, notes, recorded } = start();
    notes.set('o', { ...subject('N'), type: 'Observation' });
    await drafts.keep(value);
    expect(await drafts.ofPatient(NOTES)).toEqual({ ok: true, value: { items: [], withheld: 0 } });
    expect(await drafts.ofPatient({ patientId: 'p', resourceType: 'Observation' })).toMatchObject({
      ok: true,
      value: { items: [value], withheld: 0 },
    });
    const listed = await drafts.list({});
    expect(listed).toMatchObject({ ok: true, value: { items: [{ resourceType: 'Observation', resourceId: 'o' }] } });
    expect(JSON.stringify(listed)).not.toContain('/min');
    await drafts.drop(value);
    expect(recorded.map(({ action, resource }) => [action, resource])).toEqual([
      ['draft', 'Observation/o'],
      ['read', undefined],
      ['search', undefined],
      ['draft-discard', 'Observation/o'],
    ]);
  });

  it.each([
    ['is withheld', subject('R'), labelled('N')],
    ['is gone, and was withheld when it was corrected', null, labelled('R')],
    ['is gone, and of which nothing is known', null, null],
  ])('security: of a vital sign that %s are neither kept, shown nor given up', async (_what, observation, labels) => {
    const { drafts, kept, notes, recorded } = start();
    if (observation) notes.set('o', { ...observation, type: 'Observation' });
    kept.set('p', { ...value, changedAt: NOW, patient, labels, sealed: false });
    expect(code(await drafts.keep(value))).toBe('not-permitted');
    expect(code(await drafts.drop(value))).toBe('not-permitted');
    expect(recorded.map(({ action, attempted }) => [action, attempted])).toEqual([
      ['denied', 'update'],
      ['denied', 'update'],
    ]);
    expect(await drafts.ofPatient({ patientId: 'p', resourceType: 'Observation' })).toEqual({
      ok: true,
      value: { items: [], withheld: 1 },
    });
    expect(await drafts.list({})).toEqual({ ok: true, value: { items: [], hidden: 1 } });
  });

  it('security: are neither kept, shown nor given up where that can’t be recorded', async () => {
    const { drafts, kept, log } = start({ isRecorded: false });
    expect(code(await drafts.keep(text))).toBe('audit-unavailable');
    kept.set('p', { ...text, changedAt: NOW, patient, labels: null, sealed: false });
    expect(code(await drafts.ofPatient(NOTES))).toBe('audit-unavailable');
    expect(code(await drafts.list({}))).toBe('audit-unavailable');
    expect(code(await drafts.drop(NEW))).toBe('audit-unavailable');
    expect(log.filter((line) => !line.startsWith('record'))).toEqual([]);
  });
});
