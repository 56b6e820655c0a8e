import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { recordExport } from '../../../main/audit/export/recording.ts';
import { openCheckpoint } from '../../../main/audit/log/checkpoint.ts';
import { readVerifier } from '../../../main/audit/log/note.ts';
import { auditWith } from '../../support/audit.ts';
import { recorder } from '../../unit/audit/support.ts';
import { DATABASE_KEY, eventOf, openFile, workstation } from './support.ts';

const execute = promisify(execFile);

type Workstation = ReturnType<typeof workstation>;

const exported = ({ folder, keyStore }: Workstation, patientId?: string) =>
  recordExport({ folder, keyStore, recorder, account: 'officer', patientId });

/** A workstation whose program has recorded something, and has ended. */
async function recorded(): Promise<Workstation> {
  const place = workstation();
  const audit = auditWith({ open: place.open });
  await audit.note({ action: 'start', practitioner: null, server: '' });
  await audit.close();
  return place;
}

describe('security: an export by the command line', () => {
  it('security: stands in the log, signed and anchored, with the account that has asked for it', async () => {
    const place = await recorded();
    expect(await exported(place, 'p7')).toBeNull();
    const store = await place.opened();
    expect(await store.findings()).toEqual([]);
    const [last] = await store.query({ patient: 'p7' });
    const event = JSON.parse(last?.leaf ?? '{}').event as { entity: object[]; agent: object[] };
    expect(JSON.stringify(event.entity)).toContain('"valueString":"officer"');
    expect(JSON.stringify(event.entity)).toContain('"audit.export"');
    expect(last?.seq).toBe(store.openedSize - 1);
    const signed = await store.newestCheckpoint();
    const verifier = readVerifier(store.identity.vkey);
    expect(openCheckpoint(signed?.note ?? '', verifier ? [verifier] : [])?.size).toBe(store.openedSize);
    await store.close();
  });

  it('security: is not made while the program has the log open, which goes on as if nothing had been', async () => {
    const place = await recorded();
    const store = await place.opened();
    await store.append(eventOf(1));
    expect(await exported(place)).toBe('log-held');
    const { seq } = await store.append(eventOf(2));
    expect(seq).toBe(store.openedSize + 1);
    await store.close();
    expect(await exported(place)).toBeNull();
    const db = openFile(place.file, place.keyStore);
    expect(db.prepare('SELECT count(*) FROM entry').pluck().get()).toBe(seq + 2);
    db.close();
  });

  it('security: and reading it meanwhile take nothing from a log that the program has open', async () => {
    const place = workstation();
    const store = await place.opened();
    for (let n = 0; n < 5; n += 1) {
      await store.append(eventOf(n));
      // In a process of its own, as the command line is: it closes the file as the last one, if it takes itself for it.
      await execute(process.execPath, [join(import.meta.dirname, 'read-child.ts'), place.file], {
        env: { ...process.env, KEY: place.keyStore.entries.get(DATABASE_KEY) },
      });
    }
    place.ports[0]?.child.kill('SIGKILL');
    const again = await place.opened();
    expect(again.openedSize).toBe(5);
    expect(await again.findings()).toEqual([]);
    await again.close();
  });

  it('security: opens no log by another path, whose anchor would then seem to be gone', async () => {
    const place = await recorded();
    expect(await exported({ ...place, folder: join(place.folder, '..', 'other') })).toBe('log-elsewhere');
    const store = await place.opened();
    expect(await store.findings()).toEqual([]);
    await store.close();
  });

  it('security: says so where the log can’t be gone on with, which the program tells at its next start', async () => {
    const place = await recorded();
    place.keyStore.entries.delete('audit/device-key');
    expect(await exported(place)).toBe('log-set-aside');
    const audit = auditWith({ open: place.open });
    const store = await audit.store();
    expect((await store?.knownFindings(9))?.map(({ code }) => code)).toEqual(['device-key-changed']);
    expect(await store?.findings()).toEqual([]);
    await audit.close();
  });
});
