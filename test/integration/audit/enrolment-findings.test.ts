import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AUDIT_LOG } from '../../../main/audit/enrolment/resource.ts';
import { signCheckpoint } from '../../../main/audit/log/checkpoint.ts';
import { createSigner } from '../../../main/audit/log/note.ts';
import { copyOf, enrolmentBench, findingsOf, look, looks, type Workstation } from './enrolment-bench.ts';
import { workstation } from './support.ts';

const DEVICE_KEY = 'audit/device-key';
const { run, devices, known, change } = enrolmentBench();

describe('security: a server that knows the log', () => {
  /** A workstation whose log is enrolled, as it was then. */
  async function enrolled(place = workstation({ isLocal: true }), count = 3): Promise<Workstation> {
    await run(place, async (audit, contact) => {
      await looks(audit, count);
      expect(await contact()).toBe('enrolled');
    });
    return place;
  }

  /** A workstation that has gone on, and told the server so: its copy from before that. */
  async function leftBehind(): Promise<Workstation> {
    const place = workstation({ isLocal: true });
    await run(place, (audit) => looks(audit, 2));
    const older = copyOf(place);
    await run(place, async (audit, contact) => {
      await looks(audit, 4);
      await contact();
    });
    return older;
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
    const older = await leftBehind();
    older.keyStore.entries.delete(DEVICE_KEY);
    await run(older, async (audit, contact) => {
      expect(await contact()).toBe('enrolled');
      expect(await findingsOf(audit)).toEqual(['device-key-changed', 'log-truncated']);
    });
  });

  it('security: sees that file and keychain were put back together', async () => {
    const older = await leftBehind();
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
