import { describe, expect, it } from 'vitest';
import type { Charting } from '../../../main/access/charting.ts';
import type { Copies } from '../../../main/access/copies.ts';
import type { Drafts } from '../../../main/access/drafts.ts';
import type { Filters } from '../../../main/access/filters.ts';
import type { Forms } from '../../../main/access/forms.ts';
import type { Opening } from '../../../main/access/opening.ts';
import type { Reads } from '../../../main/access/reads.ts';
import type { ServerDecisions } from '../../../main/access/server.ts';
import type { Writes } from '../../../main/access/writes.ts';
import type { Review } from '../../../main/audit/review.ts';
import type { Reveal } from '../../../main/documents/fields/reveal.ts';
import type { Handlers } from '../../../main/ipc/bind.ts';
import { createHandlers, type HandlerOptions } from '../../../main/ipc/handlers.ts';

type Asked = [string, ...unknown[]];

/** An object whose every function writes down that it was called. */
function recorder<Target>(name: string, asked: Asked[], answer: unknown): Target {
  return new Proxy(
    {},
    {
      get:
        (_target, member) =>
        (...args: unknown[]) => {
          asked.push([`${name}.${String(member)}`, ...args]);
          return answer;
        },
    },
  ) as Target;
}

const AS_OF = '2026-03-01T07:00:00Z';
const filter = { kinds: [], text: '', from: null, to: null, withdrawn: false };
const measured = { value: '82', diastolic: null };

function start(unlocked: boolean) {
  const asked: Asked[] = [];
  const reads = recorder<Reads>('reads', asked, Promise.resolve({ ok: true, value: 'record' }));
  const filters = recorder<Filters>('filters', asked, Promise.resolve({ ok: true, value: {} }));
  const writes = recorder<Writes>('writes', asked, Promise.resolve({ ok: true, value: 'kept' }));
  const charting = recorder<Charting>('charting', asked, Promise.resolve({ ok: true, value: { id: 'kept' } }));
  const forms = recorder<Forms>('forms', asked, Promise.resolve({ ok: true, value: 'form' }));
  const opening = recorder<Opening>('opening', asked, Promise.resolve({ ok: true, value: {} }));
  const drafts = recorder<Drafts>('drafts', asked, Promise.resolve({ ok: true, value: 'draft' }));
  const copies = recorder<Copies>('copies', asked, Promise.resolve({ ok: true, value: {} }));
  const server = recorder<ServerDecisions>('server', asked, Promise.resolve({ ok: true, value: {} }));
  const review = recorder<Review>('review', asked, Promise.resolve({ ok: true, value: {} }));
  const sync = recorder<NonNullable<ReturnType<HandlerOptions['opened']>>['sync']>('sync', asked, 'status');
  const documents = recorder<Handlers['documents']>('documents', asked, Promise.resolve({ ok: true, value: {} }));
  const fields = recorder<Reveal>('fields', asked, Promise.resolve({ ok: true, value: { texts: [] } }));
  const downtime = recorder<Handlers['downtime']>('downtime', asked, Promise.resolve({ ok: true, value: {} }));
  const handlers = createHandlers({
    session: recorder('session', asked, { ok: true, value: {} }),
    launch: recorder('launch', asked, { phase: 'none' }),
    opened: () =>
      unlocked
        ? {
            reads,
            filters,
            writes,
            charting,
            forms,
            opening,
            drafts,
            copies,
            review,
            server,
            sync,
            documents,
            fields,
            downtime,
          }
        : null,
    preferences: recorder('preferences', asked, 'dark'),
    setThemeSource: (theme) => asked.push(['setThemeSource', theme]),
    reloadPage: async () => void asked.push(['reloadPage']),
    recordSetting: async (name, value) => void asked.push(['recordSetting', name, value]),
    about: { version: '1', electron: '2', chromium: '3', developmentRuntime: true, remoteDebugging: false },
    flushed: () => asked.push(['flushed']),
    lease: () => null,
    screen: recorder('screen', asked, 'state'),
    audit: recorder('audit', asked, { degraded: null, verification: null }),
    managed: { state: () => ({ source: 'none', problems: [], isEarlier: false }), settings: async () => [] },
    support: {
      bundles: recorder('bundles', asked, Promise.resolve('bundle')),
      notices: recorder('notices', asked, Promise.resolve('notices')),
    },
    updates: recorder('updates', asked, Promise.resolve({ ok: true, value: {} })),
  });
  const records: [string, () => unknown][] = [
    [
      'reads.patients',
      () => handlers.patients.list({ query: 'q', sort: 'name', descending: false, offset: 0, limit: 1 }),
    ],
    ['reads.chart', () => handlers.chart.read({ patientId: 'p' })],
    [
      'fields.revealField',
      () => handlers.sealed.reveal({ patientId: 'p', type: 'Observation', id: 'o', path: 'value' }),
    ],
    ['fields.revealConflict', () => handlers.sealed.revealConflict({ changeId: 'c', side: 'mine', path: 'content' })],
    ['downtime.make', () => handlers.downtime.make({ scope: { kind: 'list', query: '' } })],
    ['reads.resultGroups', () => handlers.results.list({ patientId: 'p' })],
    ['reads.trend', () => handlers.results.trend({ patientId: 'p', code: 'c' })],
    ['reads.outline', () => handlers.timeline.outline({ patientId: 'p', filter })],
    ['reads.page', () => handlers.timeline.page({ patientId: 'p', filter, after: null })],
    ['reads.group', () => handlers.timeline.group({ patientId: 'p', key: '1_1' })],
    ['reads.record', () => handlers.timeline.record({ patientId: 'p', type: 'Flag', id: 'f', version: null })],
    ['reads.moments', () => handlers.timeline.moments({ patientId: 'p' })],
    ['reads.trends', () => handlers.results.trends({ patientId: 'p', codes: ['c'] })],
    ['reads.earlyWarning', () => handlers.results.earlyWarning({ patientId: 'p' })],
    ['reads.note', () => handlers.notes.read({ patientId: 'p', noteId: 'n' })],
    ['reads.sections', () => handlers.sync.sections({ patientId: 'p' })],
    ['reads.changes', () => handlers.sync.changes({})],
    ['reads.conflict', () => handlers.sync.conflict({ id: 'c' })],
    ['charting.signNote', () => handlers.charting.signNote({ patientId: 'p', id: 'n', versionId: '1' })],
    ['charting.suggest', () => handlers.charting.suggest({ kind: 'problem', query: 'asthma' })],
    ['writes.createNote', () => handlers.notes.create({ patientId: 'p', kind: 'progress', body: 'b' })],
    ['writes.amendNote', () => handlers.notes.amend({ patientId: 'p', noteId: 'n', versionId: '1', body: 'b' })],
    ['writes.recordVital', () => handlers.results.record({ patientId: 'p', kind: 'heart-rate', ...measured })],
    [
      'writes.correctVital',
      () => handlers.results.correct({ patientId: 'p', observationId: 'o', versionId: '1', ...measured }),
    ],
    ['writes.resolve', () => handlers.sync.resolve({ id: 'c', token: 't', resolution: { kind: 'mine' } })],
    ['writes.retry', () => handlers.sync.retry({ id: 'c' })],
    ['writes.withdraw', () => handlers.sync.withdraw({ id: 'c' })],
    [
      'opening.declareEmergency',
      () =>
        handlers.access.declareEmergency({ patientId: 'p', purpose: 'BTG', reason: 'asked for', passphrase: 'secret' }),
    ],
    ['opening.openRestricted', () => handlers.access.openRestricted({ patientId: 'p', purpose: 'TREAT' })],
    ['opening.mayDeclare', () => handlers.access.mayDeclare({})],
    ['opening.state', () => handlers.access.state({})],
    [
      'drafts.keep',
      () =>
        handlers.drafts.keep({
          patientId: 'p',
          resourceType: 'DocumentReference',
          resourceId: null,
          kind: 'progress',
          versionId: '',
          title: 't',
          body: 'b',
        }),
    ],
    [
      'drafts.drop',
      () => handlers.drafts.drop({ patientId: 'p', resourceType: 'DocumentReference', resourceId: null }),
    ],
    [
      'drafts.open',
      () => handlers.drafts.open({ patientId: 'p', resourceType: 'DocumentReference', resourceId: null }),
    ],
    ['drafts.ofPatient', () => handlers.drafts.ofPatient({ patientId: 'p', resourceType: 'DocumentReference' })],
    ['drafts.list', () => handlers.drafts.list({})],
    ['copies.copied', () => handlers.lock.copied({ where: 'clipboard', patientId: 'p' })],
    ['server.accept', () => handlers.sync.acceptServer({ host: 'h' })],
    ['sync.status', () => handlers.sync.status({})],
    ['review.offers', () => handlers.audit.offers({ patientId: 'p' })],
    ['review.alarms', () => handlers.audit.alarms({ before: null })],
    ['review.evidence', () => handlers.audit.evidence({ id: 'a' })],
    ['review.markFalse', () => handlers.audit.markFalse({ id: 'a', reason: 'a consult' })],
    [
      'review.accesses',
      () => handlers.audit.accesses({ patientId: 'p', person: null, from: null, to: null, lists: false, before: null }),
    ],
    ['review.integrity', () => handlers.audit.integrity({})],
    ['review.verify', () => handlers.audit.verify({})],
    ['documents.list', () => handlers.documents.list({ patientId: 'p' })],
    ['documents.pick', () => handlers.documents.pick({ patientId: 'p' })],
    [
      'documents.attach',
      () => handlers.documents.attach({ patientId: 'p', pickId: 'x', kind: 'photo', title: 'Wound' }),
    ],
    ['documents.transfers', () => handlers.documents.transfers({})],
    ['documents.pause', () => handlers.documents.pause({ id: 't' })],
    ['documents.resume', () => handlers.documents.resume({ id: 't' })],
    ['documents.cancel', () => handlers.documents.cancel({ id: 't' })],
    ['documents.move', () => handlers.documents.move({ id: 't', place: 1 })],
    ['documents.open', () => handlers.documents.open({ patientId: 'p', documentId: 'd' })],
    ['documents.cancelOpen', () => handlers.documents.cancelOpen({ patientId: 'p', documentId: 'd' })],
    ['documents.close', () => handlers.documents.close({ handle: 'h' })],
    ['documents.saveAs', () => handlers.documents.saveAs({ handle: 'h' })],
    ['documents.openWith', () => handlers.documents.openWith({ handle: 'h' })],
  ];
  return { handlers, asked, records };
}

describe('the handlers', () => {
  it('security: answer locked for every record and change while nothing is open', async () => {
    const { records, asked } = start(false);
    for (const [, ask] of records) expect(await ask()).toEqual({ ok: false, error: { code: 'locked' } });
    expect(asked).toEqual([]);
  });

  it('security: read and write records only by the way that decides and records it', async () => {
    const { records, asked } = start(true);
    for (const [name, ask] of records) {
      asked.length = 0;
      await ask();
      expect(asked.map(([called]) => called)).toEqual([name]);
    }
  });

  it('hand on what the page asked for', async () => {
    const { handlers, asked } = start(true);
    await handlers.results.trend({ patientId: 'p', code: 'c', asOf: AS_OF });
    await handlers.chart.read({ patientId: 'p', asOf: AS_OF });
    await handlers.results.list({ patientId: 'p', asOf: AS_OF });
    await handlers.session.unlock({ passphrase: 'x' });
    await handlers.session.changePassphrase({ current: 'old', next: 'new' });
    await handlers.preferences.setTheme({ theme: 'light' });
    await handlers.preferences.setLanguage({ language: 'es' });
    expect(asked).toEqual([
      ['reads.trend', 'p', 'c', AS_OF],
      ['reads.chart', 'p', AS_OF],
      ['reads.resultGroups', 'p', AS_OF],
      ['session.unlock', 'x'],
      ['session.changePassphrase', 'old', 'new'],
      ['preferences.setTheme', 'light'],
      ['setThemeSource', 'light'],
      ['recordSetting', 'theme', 'light'],
      ['preferences.setLanguage', 'es'],
      ['recordSetting', 'language', 'es'],
      ['reloadPage'],
    ]);
  });

  it('starting and cancelling sync while locked does nothing', () => {
    const { handlers, asked } = start(false);
    expect(handlers.sync.start({})).toEqual({ ok: true, value: {} });
    expect(handlers.sync.cancel({})).toEqual({ ok: true, value: {} });
    expect(asked).toEqual([]);
  });
});
