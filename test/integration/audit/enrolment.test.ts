import { describe, expect, it } from 'vitest';
import type { Audit } from '../../../main/audit/audit.ts';
import { openCheckpoint } from '../../../main/audit/log/checkpoint.ts';
import { readVerifier } from '../../../main/audit/log/note.ts';
import type { EnrolmentState } from '../../../preload/contract/audit.ts';
import { enrolmentBench, findingsOf, looks } from './enrolment-bench.ts';
import { workstation } from './support.ts';

const { server, run, devices, known, change } = enrolmentBench();

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
    const puts = server().requests.filter(({ method, path }) => method === 'PUT' && path.includes('/Device/'));
    expect(puts.every(({ headers }) => headers['if-match'] !== undefined)).toBe(true);
  });

  it('are sent no more often than the log grows, and not at each contact', async () => {
    await run(workstation({ isLocal: true }), async (audit, contact) => {
      await looks(audit, 1);
      await contact();
      const writes = () => server().requests.filter(({ method }) => method === 'PUT').length;
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
      server().requests.length = 0;
      await run(
        workstation({ isLocal: true }),
        async (audit, contact) => {
          await looks(audit, 1);
          expect(await contact()).toBe('not-offered');
          expect(await findingsOf(audit)).toEqual([]);
        },
        { scope },
      );
      expect(server().requests).toEqual([]);
    },
  );

  it.each([403, 501] as const)('are not offered to a server that refuses (%d)', async (status) => {
    server().faults.add({ kind: 'status', status, match: ({ method }) => method === 'PUT' });
    await run(workstation({ isLocal: true }), async (audit, contact) => {
      await looks(audit, 1);
      expect(await contact()).toBe('not-offered');
    });
  });

  it('come there later, where the server doesn’t answer', async () => {
    await run(workstation({ isLocal: true }), async (audit, contact) => {
      await looks(audit, 1);
      server().faults.add({ kind: 'dropBefore' });
      expect(await contact()).toBe('not-reached');
      server().faults.clear();
      server().faults.add({ kind: 'dropAfter', match: ({ method }) => method === 'PUT', times: 1 });
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
      server().store.remove('Device', devices()[0]?.id ?? '');
      expect(await contact()).toBe('enrolled');
      expect(known()).toHaveLength(1);
      expect(await findingsOf(audit)).toEqual(['anchor-missing']);
    });
  });
});
