import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { bindContract, createEmit, type Handlers, loadContract } from '../../../main/ipc/bind.ts';
import { type Channel, commonErrors, wireName } from '../../../preload/contract/channel.ts';
import { channelNames, contract } from '../../../preload/contract/index.ts';
import { chartingRequests } from '../../support/charting.ts';

type Listener = (event: unknown, ...args: unknown[]) => Promise<unknown>;
type AnyHandler = (request: unknown) => unknown;

interface Bound {
  name: string;
  feature: string;
  call: string;
  channel: Channel;
}

const channels: Bound[] = Object.entries(contract).flatMap(([feature, { calls }]) =>
  Object.entries<Channel>(calls).map(([call, channel]) => ({ name: wireName(feature, call), feature, call, channel })),
);
const table = channels.map((bound) => [`${bound.feature}.${bound.call}`, bound] as const);

/** The contract bound to a bridge in memory, with one handler for all calls. */
function start(handler: AnyHandler, isTrusted = true, opened: () => unknown = () => null) {
  const listeners = new Map<string, Listener>();
  const seen: { feature: string; name: string; request: unknown }[] = [];
  const calls: { feature: string; name: string; code: string; ms: number }[] = [];
  const handlers = Object.fromEntries(
    Object.entries(contract).map(([feature, { calls: names }]) => [
      feature,
      Object.fromEntries(
        Object.keys(names).map((name) => [
          name,
          (request: unknown) => {
            seen.push({ feature, name, request });
            return handler(request);
          },
        ]),
      ),
    ]),
  );
  let time = 0;
  bindContract({
    names: channelNames(),
    ipcMain: {
      handle(channel, listener) {
        if (listeners.has(channel)) throw new Error('bound twice');
        listeners.set(channel, listener as Listener);
      },
    },
    handlers: handlers as unknown as Handlers,
    isTrusted: () => isTrusted,
    opened,
    onCall: (call) => calls.push(call),
    now: () => {
      time += 5;
      return time;
    },
  });
  const ask = (channel: Bound, ...args: unknown[]) => listeners.get(channel.name)?.({ sender: null }, ...args);
  return { listeners, seen, calls, ask };
}

const CHANGE = '7c1e9a52-3a8e-4a57-9d0b-1f4f6f0c2b11';

const filter = { kinds: ['note'], text: 'x', from: '2026-03-01T07:00:00Z', to: null, withdrawn: true };

/** A request that the schema takes. */
const samples: Record<string, unknown> = {
  ...chartingRequests('p1'),
  'charting.renumber': { patientId: 'p1', id: 'e1', versionId: '', type: 'Encounter' },
  'charting.suggest': { kind: 'problem', query: 'asthma' },
  'find.inChart': { patientId: 'p1', text: 'chest pain' },
  'find.inPanel': { text: 'chest pain' },
  'downtime.make': { scope: { kind: 'list', query: '' } },
  'downtime.open': { id: '3f1c9a52-3a8e-4a57-9d0b-1f4f6f0c2b11' },
  'downtime.close': { handle: '3f1c9a52-3a8e-4a57-9d0b-1f4f6f0c2b11' },
  'downtime.print': { handle: '3f1c9a52-3a8e-4a57-9d0b-1f4f6f0c2b11' },
  'downtime.printLabel': { patientId: 'p1', type: 'Specimen', id: 's1' },
  'downtime.saveAs': { handle: '3f1c9a52-3a8e-4a57-9d0b-1f4f6f0c2b11' },
  'session.signIn': { server: 'https://s' },
  'session.enrol': { passphrase: 'x' },
  'session.strength': { passphrase: 'x' },
  'session.unlock': { passphrase: 'x' },
  'session.changePassphrase': { current: 'x', next: 'y' },
  'session.rotateKey': { passphrase: 'x' },
  'session.setOutboxAside': { passphrase: 'x' },
  'patients.list': { query: '', sort: 'name', descending: false, offset: 0, limit: 10 },
  'patients.lists': { from: '2026-03-01T00:00:00Z', to: '2026-03-02T00:00:00Z' },
  'patients.keepFilter': {
    filter: { name: 'n', scope: { list: 'ward', ward: 'w' }, query: '', sort: 'name', descending: false },
  },
  'patients.dropFilter': { name: 'n' },
  'chart.read': { patientId: 'p' },
  'results.list': { patientId: 'p' },
  'results.trend': { patientId: 'p', code: 'c' },
  'results.trends': { patientId: 'p', codes: ['c'] },
  'results.earlyWarning': { patientId: 'p' },
  'forms.list': { patientId: 'p' },
  'forms.open': { patientId: 'p', id: 'f', openedAt: null },
  'forms.evaluate': { patientId: 'p', id: 'f', answers: { '|q': 'x' } },
  'results.record': { patientId: 'p', kind: 'heart-rate', value: '82', diastolic: null },
  'results.correct': { patientId: 'p', observationId: 'o', versionId: '1', value: '82', diastolic: null },
  'timeline.outline': { patientId: 'p', filter },
  'timeline.page': { patientId: 'p', filter, after: '-1772359200000_4' },
  'timeline.group': { patientId: 'p', key: '-1772359200000_4' },
  'timeline.record': { patientId: 'p', type: 'Condition', id: 'c', version: 'h4' },
  'timeline.moments': { patientId: 'p' },
  'lock.copied': { where: 'clipboard', patientId: null },
  'drafts.keep': {
    patientId: 'p',
    resourceType: 'DocumentReference',
    resourceId: null,
    kind: 'progress',
    versionId: '',
    title: 't',
    body: 'b',
  },
  'drafts.drop': { patientId: 'p', resourceType: 'DocumentReference', resourceId: 'n' },
  'drafts.open': { patientId: 'p', resourceType: 'DocumentReference', resourceId: 'n' },
  'drafts.ofPatient': { patientId: 'p', resourceType: 'DocumentReference' },
  'audit.offers': { patientId: 'p' },
  'audit.alarms': { before: null },
  'audit.evidence': { id: 'a' },
  'audit.markFalse': { id: 'a', reason: 'She was asked for a consult.' },
  'audit.accesses': { patientId: 'p', person: null, from: null, to: null, lists: false, before: null },
  'notes.read': { patientId: 'p', noteId: 'n' },
  'notes.create': { patientId: 'p', kind: 'progress', body: 'b' },
  'notes.amend': { patientId: 'p', noteId: 'n', versionId: '1', body: 'b' },
  'sync.sections': { patientId: 'p' },
  'sync.conflict': { id: CHANGE },
  'sync.preview': { id: CHANGE, token: 't', choices: { content: 'both' } },
  'sync.resolve': { id: CHANGE, token: 't', resolution: { kind: 'merged', choices: { content: 'mine' } } },
  'sync.retry': { id: CHANGE },
  'sync.keepBoth': { id: CHANGE },
  'sync.acceptServer': { host: 's' },
  'sync.withdraw': { id: CHANGE },
  'access.declareEmergency': { patientId: 'p', purpose: 'BTG', reason: 'cardiac arrest', passphrase: 'x' },
  'access.openRestricted': { patientId: 'p', purpose: 'TREAT' },
  'access.end': { patientId: 'p' },
  'session.choose': { id: '6f1c9a52-3a8e-4a57-9d0b-1f4f6f0c2b11' },
  'support.save': { id: CHANGE, parts: ['health'] },
  'support.notices': { piece: 0 },
  'preferences.setTheme': { theme: 'dark' },
  'preferences.setLanguage': { language: 'es' },
  'managed.settings': { language: 'es' },
  'sealed.reveal': { patientId: 'p', type: 'Observation', id: 'o', path: 'value' },
  'sealed.revealConflict': { changeId: CHANGE, side: 'mine', path: 'content' },
  'documents.list': { patientId: 'p' },
  'documents.pick': { patientId: 'p' },
  'documents.beginPhoto': { patientId: 'p' },
  'documents.photoTaken': { patientId: 'p', captureId: CHANGE },
  'documents.endPhoto': { captureId: CHANGE },
  'documents.scan': { patientId: 'p', scannerId: CHANGE },
  'documents.forget': { pickId: CHANGE },
  'documents.attach': { patientId: 'p', pickId: CHANGE, kind: 'photo', title: 'Wound' },
  'documents.pause': { id: CHANGE },
  'documents.resume': { id: CHANGE },
  'documents.cancel': { id: CHANGE },
  'documents.move': { id: CHANGE, place: 1 },
  'documents.open': { patientId: 'p', documentId: 'd' },
  'documents.cancelOpen': { patientId: 'p', documentId: 'd' },
  'documents.close': { handle: CHANGE },
  'documents.saveAs': { handle: CHANGE },
  'documents.openWith': { handle: CHANGE },
};
const sampleOf = ({ feature, call }: Bound) => samples[`${feature}.${call}`] ?? {};

const badRequest = { ok: false, error: { code: 'bad-request' } };
const internal = { ok: false, error: { code: 'internal' } };

describe('the bound contract', () => {
  it('has every call of the contract, and nothing else', () => {
    const { listeners } = start(() => null);
    expect([...listeners.keys()].sort()).toEqual(channels.map(({ name }) => name).sort());
    expect(channels.length).toBeGreaterThan(10);
  });

  it('cannot be made without a handler for each', () => {
    const ipcMain = { handle: () => undefined };
    const rest = { isTrusted: () => true, opened: () => null, onCall: () => undefined, now: () => 0 };
    expect(() => bindContract({ ipcMain, names: channelNames(), handlers: {} as Handlers, ...rest })).toThrow(
      'no handler for',
    );
  });

  describe('a call that fails while the profile is closed', () => {
    const boundTo = (name: string) => table.find(([one]) => one === name)![1];
    const failing = (name: string, closes: boolean) => {
      let profile: object | null = {};
      const { ask } = start(
        () => {
          if (closes) profile = null;
          throw new Error('the process has ended');
        },
        true,
        () => profile,
      );
      return ask(boundTo(name), sampleOf(boundTo(name)));
    };

    it('says "locked"', async () => {
      expect(await failing('chart.read', true)).toEqual({ ok: false, error: { code: 'locked' } });
    });

    it('is a fault where the profile stays open, or where it works on none', async () => {
      expect(await failing('chart.read', false)).toEqual(internal);
      expect(await failing('session.lock', true)).toEqual(internal);
    });
  });

  it.each(table)('%s reaches its own handler with a request that fits', async (_name, bound) => {
    const { ask, seen } = start(() => ({ ok: false, error: { code: 'locked' } }));
    expect(await ask(bound, sampleOf(bound))).toEqual({ ok: false, error: { code: 'locked' } });
    expect(seen).toEqual([{ feature: bound.feature, name: bound.call, request: sampleOf(bound) }]);
  });

  it('tells of each call its name, outcome and time, and never its content', async () => {
    const { ask, calls } = start(() => ({ ok: true, value: {} }));
    const unlock = channels.find(({ call }) => call === 'unlock')!;
    await ask(unlock, { passphrase: 'hunter2' });
    await ask(unlock, { passphrase: 7 });
    expect(calls).toEqual([
      { feature: 'session', name: 'unlock', code: 'ok', ms: 5 },
      { feature: 'session', name: 'unlock', code: 'bad-request', ms: 5 },
    ]);
  });
});

describe.each(table)('security: %s', (_name, bound) => {
  it('security: refuses a sender that is not trusted, before it looks at anything', async () => {
    const { ask, seen } = start(() => ({ ok: true, value: {} }), false);
    const trap = {
      get server(): string {
        throw new Error('looked at');
      },
    };
    for (const request of [sampleOf(bound), null, trap]) {
      expect(await ask(bound, request)).toEqual({ ok: false, error: { code: 'not-permitted' } });
    }
    expect(seen).toEqual([]);
  });

  it('security: refuses unknown members, wrong types and what is too long', async () => {
    const { ask, seen } = start(() => ({ ok: true, value: {} }));
    const sample = sampleOf(bound) as Record<string, unknown>;
    const requests: unknown[] = [undefined, null, 0, '', 'x', [], [sample], true, { ...sample, surplus: 1 }];
    for (const member of Object.keys(sample)) {
      const { [member]: _left, ...rest } = sample;
      requests.push(rest);
      for (const value of [undefined, null, {}, [], 1.5, -1, Number.NaN, 'x'.repeat(100_001), '\0', ['a']]) {
        // A text may hold any characters; the schema bounds its length.
        if (!bound.channel.request.safeParse({ ...sample, [member]: value }).success) {
          requests.push({ ...sample, [member]: value });
        }
      }
      expect(bound.channel.request.safeParse({ ...sample, [member]: 'x'.repeat(100_001) }).success).toBe(false);
    }
    for (const request of requests) expect(await ask(bound, request)).toEqual(badRequest);
    expect(seen).toEqual([]);
  });

  it('security: answers whatever it is sent with a value of its schema or a code of the contract', async () => {
    const { ask } = start((request) => {
      if (JSON.stringify(request)?.length % 2 === 0) throw new Error('secret');
      return { ok: true, value: request };
    });
    const codes = new Set<string>([...commonErrors, ...bound.channel.errors]);
    const sample = sampleOf(bound) as Record<string, unknown>;
    const near = fc.record(
      Object.fromEntries(
        Object.entries(sample).map(([name, value]) => [name, fc.oneof(fc.constant(value), fc.anything())]),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.anything({ withBigInt: false }), near), async (request) => {
        const answer = (await ask(bound, request)) as { ok: boolean; value?: unknown; error?: { code: string } };
        if (answer.ok) expect(bound.channel.response.safeParse(answer.value).success).toBe(true);
        else {
          expect(codes).toContain(answer.error?.code);
          expect(Object.keys(answer.error ?? {})).toEqual(['code']);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('security: answers internal, without a message, where its handler throws or answers nothing', async () => {
    const failures: AnyHandler[] = [
      () => {
        throw new Error('SELECT * FROM patient');
      },
      () => Promise.reject(new Error('/home/clinician/profile')),
      () => Promise.reject(null),
      () => undefined,
      () => null,
      () => ({ ok: false }),
    ];
    for (const failure of failures) expect(await start(failure).ask(bound, sampleOf(bound))).toEqual(internal);
  });

  it('security: lets no answer through that is not in the contract', async () => {
    for (const value of [undefined, { surplus: 1 }, 'text', [{}], { key: Buffer.alloc(32) }]) {
      expect(await start(() => ({ ok: true, value })).ask(bound, sampleOf(bound))).toEqual({
        ok: false,
        error: { code: 'bad-response' },
      });
    }
  });

  it('security: lets no failure through that is not in the contract, nor more of it than code and detail', async () => {
    const surprise = start(() => ({ ok: false, error: { code: 'SQLITE_CORRUPT', detail: 'of a patient' } }));
    expect(await surprise.ask(bound, sampleOf(bound))).toEqual(internal);
    const rich = start(() => ({ ok: false, error: { code: 'locked', outcome: { text: 'PHI' }, detail: { a: 1 } } }));
    expect(await rich.ask(bound, sampleOf(bound))).toEqual({ ok: false, error: { code: 'locked' } });
    for (const code of bound.channel.errors) {
      const known = start(() => ({ ok: false, error: { code, detail: 'why' } }));
      expect(await known.ask(bound, sampleOf(bound))).toEqual({ ok: false, error: { code, detail: 'why' } });
    }
  });
});

describe('telling the page', () => {
  beforeAll(() => loadContract());

  it('sends what fits the contract, on the event’s own channel', () => {
    const sent: unknown[][] = [];
    const emit = createEmit(() => ({ send: (...args: unknown[]) => sent.push(args) }));
    emit('patients', 'changed', { patients: ['p1'] });
    expect(sent).toEqual([['wardlight:patients.changed', { patients: ['p1'] }]]);
  });

  it('security: never lets a payload out that does not fit', () => {
    const sent: unknown[] = [];
    const emit = createEmit(() => ({ send: (...args: unknown[]) => sent.push(args) })) as unknown as (
      ...args: unknown[]
    ) => void;
    expect(() => emit('patients', 'changed', { patients: ['p1'], names: ['Osei'] })).toThrow();
    expect(() => emit('session', 'changed', { phase: 'unlocked', key: 'x' })).toThrow();
    expect(sent).toEqual([]);
  });

  it('does nothing where there is no page', () => {
    expect(() => createEmit(() => null)('patients', 'changed', { patients: 'all' })).not.toThrow();
  });

  it('tells what the first screen does without as soon as its schemas are there, in order, and checked', async () => {
    vi.resetModules();
    const fresh = await import('../../../main/ipc/bind.ts');
    const sent: unknown[][] = [];
    const emit = fresh.createEmit(() => ({ send: (...args: unknown[]) => sent.push(args) }));
    emit('patients', 'changed', { patients: ['p1'] });
    emit('patients', 'changed', { patients: ['p2'] });
    emit('drafts', 'flush', {});
    expect(sent).toEqual([]);
    await fresh.loadContract();
    expect(sent).toEqual([
      ['wardlight:patients.changed', { patients: ['p1'] }],
      ['wardlight:patients.changed', { patients: ['p2'] }],
      ['wardlight:drafts.flush', {}],
    ]);
  });
});
