import { cpSync, rmSync } from 'node:fs';
import type { Device } from 'fhir/r4';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { anchorAccount } from '../../../main/audit/anchor.ts';
import type { Audit } from '../../../main/audit/audit.ts';
import { createEnrolment } from '../../../main/audit/enrolment/enrolment.ts';
import { AUDIT_LOG } from '../../../main/audit/enrolment/resource.ts';
import { openCheckpoint, signCheckpoint } from '../../../main/audit/log/checkpoint.ts';
import { createSigner, readVerifier } from '../../../main/audit/log/note.ts';
import { createFhirClient } from '../../../main/fhir/client.ts';
import { createWorkstationDevice } from '../../../main/identity/device.ts';
import { ASKED_SCOPES, parseScopes } from '../../../main/identity/scopes.ts';
import type { EnrolmentState } from '../../../preload/contract/audit.ts';
import { type DevServer, startServer } from '../../server/index.ts';
import { auditWith } from '../../support/audit.ts';
import { workstation } from './support.ts';

const SCOPE = ASKED_SCOPES.join(' ');
const DEVICE_KEY = 'audit/device-key';

let server: DevServer;
beforeAll(async () => {
  server = await startServer({ patients: 1, seed: 1 });
});
afterEach(() => {
  server.faults.clear();
  for (const { id = '' } of server.store.list('Device')) server.store.remove('Device', id);
});
afterAll(() => server.stop());

type Workstation = ReturnType<typeof workstation>;

/** The same data folder and keychain on another machine. */
function copyOf(from: Workstation): Workstation {
  const copy = workstation({ isLocal: true });
  rmSync(copy.folder, { recursive: true, force: true });
  cpSync(from.folder, copy.folder, { recursive: true });
  for (const [account, secret] of from.keyStore.entries) {
    const isAnchor = account === anchorAccount(from.folder);
    copy.keyStore.entries.set(isAnchor ? anchorAccount(copy.folder) : account, secret);
  }
  return copy;
}

interface Options {
  readonly scope?: string;
  readonly fetch?: typeof globalThis.fetch;
}

/** The program on a workstation, from its start to its end, somebody being signed in. */
async function run(
  place: Workstation,
  work: (audit: Audit, contact: () => Promise<EnrolmentState>) => Promise<void>,
  { scope = SCOPE, fetch = globalThis.fetch }: Options = {},
): Promise<void> {
  const alarmed: string[] = [];
  const audit = auditWith({
    open: place.open,
    onRecorded: (events) => alarmed.push(...events.map((event) => JSON.stringify(event))),
  });
  onTestFinished(() => audit.close());
  const token = await server.issueToken('osei', scope);
  const accessToken = async () => ({ ok: true, value: token }) as const;
  const fhir = createFhirClient({ base: server.url, fetch, accessToken, requestId: () => 'r' });
  const scopes = parseScopes(scope);
  const device = createWorkstationDevice({ scopes, workstation: async () => 'ws-1', name: 'ward-3' });
  let now = 0;
  let told: (state: EnrolmentState) => void = () => undefined;
  const enrolment = createEnrolment({
    audit,
    fhir,
    device,
    scopes,
    monotonic: () => now,
    onState: (state) => told(state),
  });
  await work(audit, () => {
    now += 3_600_000;
    return new Promise((resolve) => {
      told = resolve;
      enrolment.synced();
    });
  });
  await enrolment.close();
  await audit.close();
}

const look = (audit: Audit, patientId = 'p') =>
  audit.record({ action: 'read', practitioner: 'Practitioner/a', server: 'https://s', patientId });

async function looks(audit: Audit, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) expect((await look(audit)).ok).toBe(true);
}

/** What was found wrong, all of it told by an entry. */
async function findingsOf(audit: Audit): Promise<string[]> {
  const store = (await audit.store())!;
  expect(await store.findings()).toEqual([]);
  return (await store.knownFindings(100)).map(({ code }) => code).reverse();
}

const devices = () => server.store.list('Device') as Device[];

interface Known {
  vkey: string;
  notes: string[];
}

/** What the server knows, as anybody would read it. */
function known(): Known[] {
  return (devices()[0]?.extension ?? [])
    .filter(({ url }) => url === AUDIT_LOG)
    .map(({ extension = [] }) => ({
      vkey: extension.find(({ url }) => url === 'key')?.valueString ?? '',
      notes: extension
        .filter(({ url }) => url === 'checkpoint')
        .map(({ valueBase64Binary = '' }) => Buffer.from(valueBase64Binary, 'base64').toString()),
    }));
}

function change(edit: (device: Device) => void): void {
  const device = structuredClone(devices()[0]!);
  edit(device);
  server.store.put(device);
}

describe('the key of a log and how it stands', () => {
  it('come to the server’s Device, beside what is there, and follow the log', async () => {
    const place = workstation();
    await run(place, async (audit, contact) => {
      await looks(audit, 3);
      expect(await contact()).toBe('enrolled');
      change((device) => {
        device.note = [{ text: 'cart 7' }];
        device.extension?.unshift({ url: 'https://hospital.example/asset', valueDecimal: 1.5 });
      });
      await looks(audit, 2);
      expect(await contact()).toBe('enrolled');
      const { identity } = (await audit.store())!;
      const [log, ...more] = known();
      expect(more).toEqual([]);
      expect(log?.vkey).toBe(identity.vkey);
      const checkpoint = openCheckpoint(log?.notes[0] ?? '', [readVerifier(identity.vkey)!]);
      // Its beginning, and what was looked at.
      expect(checkpoint).toMatchObject({ origin: identity.origin, size: 6 });
      expect(log?.notes).toHaveLength(1);
      expect(devices()[0]).toMatchObject({ note: [{ text: 'cart 7' }], status: 'active' });
      expect(devices()[0]?.extension?.[0]?.url).toBe('https://hospital.example/asset');
      expect(await findingsOf(audit)).toEqual([]);
    });
  });

  it('are written only over the version that was read; what was changed meanwhile stays', async () => {
    let isFirst = true;
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const request = new Request(input, init);
      if (request.method === 'PUT' && isFirst) {
        isFirst = false;
        change((device) => {
          device.note = [{ text: 'changed meanwhile' }];
        });
      }
      return globalThis.fetch(request);
    };
    const place = workstation({ isLocal: true });
    await run(
      place,
      async (audit, contact) => {
        await looks(audit, 1);
        expect(await contact()).toBe('enrolled');
      },
      { fetch },
    );
    expect(isFirst).toBe(false);
    expect(devices()[0]?.note).toEqual([{ text: 'changed meanwhile' }]);
    expect(known()).toHaveLength(1);
    const puts = server.requests.filter(({ method, path }) => method === 'PUT' && path.includes('/Device/'));
    expect(puts.every(({ headers }) => headers['if-match'] !== undefined)).toBe(true);
  });

  it('are sent no more often than the log grows, and not at each contact', async () => {
    await run(workstation({ isLocal: true }), async (audit, contact) => {
      await looks(audit, 1);
      await contact();
      const writes = () => server.requests.filter(({ method }) => method === 'PUT').length;
      const before = writes();
      expect(await contact()).toBe('enrolled');
      expect(writes()).toBe(before);
    });
  });

  it.each<[string, string]>([
    ['read', 'user/Patient.rs user/Device.cu'],
    ['change', 'user/*.rs user/Device.c'],
  ])(
    'are not offered to a server that doesn’t let this client %s Devices, and nothing is sent',
    async (_what, scope) => {
      server.requests.length = 0;
      await run(
        workstation({ isLocal: true }),
        async (audit, contact) => {
          await looks(audit, 1);
          expect(await contact()).toBe('not-offered');
          expect(await findingsOf(audit)).toEqual([]);
        },
        { scope },
      );
      expect(server.requests).toEqual([]);
    },
  );

  it.each([403, 501] as const)('are not offered to a server that refuses (%d)', async (status) => {
    server.faults.add({ kind: 'status', status, match: ({ method }) => method === 'PUT' });
    await run(workstation({ isLocal: true }), async (audit, contact) => {
      await looks(audit, 1);
      expect(await contact()).toBe('not-offered');
    });
  });

  it('come there later, where the server doesn’t answer', async () => {
    await run(workstation({ isLocal: true }), async (audit, contact) => {
      await looks(audit, 1);
      server.faults.add({ kind: 'dropBefore' });
      expect(await contact()).toBe('not-reached');
      server.faults.clear();
      server.faults.add({ kind: 'dropAfter', match: ({ method }) => method === 'PUT', times: 1 });
      expect(await contact()).toBe('not-reached');
      expect(await contact()).toBe('enrolled');
      expect(await findingsOf(audit)).toEqual([]);
    });
    expect(known()).toHaveLength(1);
  });

  it('are given up at the lock, which waits for no server', async () => {
    let asked: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const silent: typeof globalThis.fetch = (input, init) =>
      new Promise((_, reject) => {
        new Request(input, init).signal.addEventListener('abort', () => reject(new Error('aborted')));
        asked();
      });
    const work = async (audit: Audit, contact: () => Promise<EnrolmentState>) => {
      await looks(audit, 1);
      void contact();
      await waiting;
    };
    await run(workstation({ isLocal: true }), work, { fetch: silent });
  });

  it('come to a new Device where the old one was deleted, and that is told', async () => {
    await run(workstation({ isLocal: true }), async (audit, contact) => {
      await looks(audit, 1);
      await contact();
      server.store.remove('Device', devices()[0]?.id ?? '');
      expect(await contact()).toBe('enrolled');
      expect(known()).toHaveLength(1);
      expect(await findingsOf(audit)).toEqual(['anchor-missing']);
    });
  });
});

describe('security: a server that knows the log', () => {
  /** A workstation whose log is enrolled, as it was then. */
  async function enrolled(place = workstation({ isLocal: true }), count = 3): Promise<Workstation> {
    await run(place, async (audit, contact) => {
      await looks(audit, count);
      expect(await contact()).toBe('enrolled');
    });
    return place;
  }

  it('security: sees that the signing key was swapped, log and keychain with it', async () => {
    const place = await enrolled(workstation());
    const [first] = known();
    rmSync(place.folder, { recursive: true });
    place.keyStore.entries.clear();
    await run(place, async (audit, contact) => {
      await looks(audit, 5);
      // Nothing is found on the workstation alone.
      expect(await findingsOf(audit)).toEqual([]);
      expect(await contact()).toBe('enrolled');
      expect(await findingsOf(audit)).toEqual(['device-key-changed']);
      const store = (await audit.store())!;
      const [finding] = await store.knownFindings(1);
      expect(finding?.log).toBe(first?.vkey.split('+')[0]);
      expect(known().map(({ vkey }) => vkey)).toEqual([first?.vkey, store.identity.vkey]);
      // Once, however often it is asked; and the clinician goes on.
      await contact();
      expect(await findingsOf(audit)).toEqual(['device-key-changed']);
      expect((await look(audit)).ok).toBe(true);
    });
  });

  it('security: takes a log that says which one it follows', async () => {
    const place = await enrolled();
    place.keyStore.entries.delete(DEVICE_KEY);
    await run(place, async (audit, contact) => {
      expect(await contact()).toBe('enrolled');
      // What the workstation has found by itself, and no more.
      expect(await findingsOf(audit)).toEqual(['device-key-changed']);
      expect((await (await audit.store())!.knownFindings(9))[0]?.end).toBeGreaterThan(0);
    });
    expect(known()).toHaveLength(2);
  });

  it('security: sees that a log follows an older state of the one that it knows', async () => {
    const place = workstation({ isLocal: true });
    await run(place, (audit) => looks(audit, 2));
    const older = copyOf(place);
    await run(place, async (audit, contact) => {
      await looks(audit, 4);
      await contact();
    });
    older.keyStore.entries.delete(DEVICE_KEY);
    await run(older, async (audit, contact) => {
      expect(await contact()).toBe('enrolled');
      expect(await findingsOf(audit)).toEqual(['device-key-changed', 'log-truncated']);
    });
  });

  it('security: sees that file and keychain were put back together', async () => {
    const place = workstation({ isLocal: true });
    await run(place, (audit) => looks(audit, 2));
    const older = copyOf(place);
    await run(place, async (audit, contact) => {
      await looks(audit, 4);
      await contact();
    });
    await run(older, async (audit, contact) => {
      await looks(audit, 1);
      expect(await findingsOf(audit)).toEqual([]);
      expect(await contact()).toBe('enrolled');
      expect(await findingsOf(audit)).toEqual(['log-truncated']);
      await looks(audit, 1);
      await contact();
      expect(await findingsOf(audit)).toEqual(['log-truncated']);
      // Longer now than the server knew, and another one.
      await looks(audit, 9);
      await contact();
      expect(await findingsOf(audit)).toEqual(['log-truncated', 'log-differs']);
      expect((await look(audit)).ok).toBe(true);
    });
    // What it has signed before is still there.
    expect(known()[0]?.notes).toHaveLength(2);
  });

  it('security: sees that two workstations go on with copies of one log, on each of them', async () => {
    const place = await enrolled();
    const twin = copyOf(place);
    const goOn = (which: Workstation, count: number, expected: string[]) =>
      run(which, async (audit, contact) => {
        await looks(audit, count);
        expect(await contact()).toBe('enrolled');
        expect(await findingsOf(audit)).toEqual(expected);
      });
    await goOn(place, 2, []);
    await goOn(twin, 5, ['log-differs']);
    await goOn(place, 1, ['log-truncated']);
    expect(known()[0]?.notes).toHaveLength(2);
  });

  it('security: sees that what it knows was taken away or put back by somebody else', async () => {
    const place = await enrolled();
    const before = structuredClone(devices()[0]?.extension);
    await run(place, async (audit, contact) => {
      await looks(audit, 3);
      await contact();
      change((device) => {
        device.extension = before ?? [];
      });
      await contact();
      expect(await findingsOf(audit)).toEqual(['anchor-behind']);
      change((device) => {
        delete device.extension;
      });
      await contact();
      expect(await findingsOf(audit)).toEqual(['anchor-behind', 'anchor-missing']);
      expect(known()).toHaveLength(1);
    });
  });

  it('security: sees a signed state that the log’s key hasn’t signed, and a key that came after it', async () => {
    const place = await enrolled();
    await run(place, async (audit, contact) => {
      const { origin } = (await audit.store())!.identity;
      const forger = createSigner(origin, new Uint8Array(32).fill(9));
      const hash = Buffer.alloc(32);
      const note = signCheckpoint({ origin, size: 2, root: hash, chain: hash, time: '2026-03-04T05:06:07Z' }, forger);
      change((device) => {
        const [log] = device.extension ?? [];
        log?.extension?.splice(1, 1, {
          url: 'checkpoint',
          valueBase64Binary: Buffer.from(note).toString('base64'),
        });
        device.extension?.push({ url: AUDIT_LOG, extension: [{ url: 'key', valueString: forger.vkey }] });
      });
      expect(await contact()).toBe('enrolled');
      expect(await findingsOf(audit)).toEqual(['device-key-changed', 'checkpoint-signature', 'anchor-behind']);
      // Ours is there again, and the other key stays as evidence.
      expect(known().map(({ vkey }) => vkey)).toContain(forger.vkey);
      expect(known()[0]?.notes).not.toContain(note);
    });
  });

  it('security: what it sends can’t stop anybody: no answer of it closes the log', async () => {
    const place = await enrolled();
    for (const extension of [
      [{ url: AUDIT_LOG, extension: [{ url: 'key', valueString: 'no key' }] }],
      [{ url: AUDIT_LOG, extension: [{ url: 'checkpoint', valueBase64Binary: 'AAAA' }] }],
      [{ url: AUDIT_LOG, extension: [{ url: 'key', valueCode: 'x' }] }],
    ]) {
      change((device) => {
        device.extension = extension;
      });
      await run(place, async (audit, contact) => {
        expect(await contact()).toBe('enrolled');
        expect((await look(audit)).ok).toBe(true);
      });
    }
  });

  it('security: hears nothing of a patient or a clinician by it', async () => {
    await enrolled();
    const sent = JSON.stringify(devices());
    expect(sent).not.toMatch(/Patient|Practitioner/);
  });
});
