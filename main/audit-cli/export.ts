import { existsSync, writeFileSync, writeSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { accountingPage } from '../audit/export/accounting-page.ts';
import { recordExport } from '../audit/export/recording.ts';
import { exportLines } from '../audit/export/write.ts';
import { createReading } from '../audit/reading.ts';
import { createWorkstation, WORKSTATION_SYSTEM } from '../identity/workstation.ts';
import { createSystemKeyStore } from '../vault/system-key-store.ts';
import { filterOf, type Outcome, Refusal, USAGE, type Values } from './arguments.ts';
import { createPrivately, withLog } from './log-file.ts';

/** The whole log, or a selection with a proof of each entry; and a page that accounts for the disclosures. */
export async function exportLog(values: Values): Promise<Outcome> {
  const { out: name } = values;
  if (name === undefined) throw new Refusal('usage', USAGE);
  await recordFirst(values);
  return withLog(values, async (db, identity) => {
    const filter = filterOf(values);
    const reading = createReading(() => db);
    const out = createPrivately(name);
    let count = -1;
    for await (const line of exportLines({
      reading,
      identity,
      filter: Object.keys(filter).length > 0 ? filter : null,
    })) {
      writeSync(out, `${line}\n`);
      count += 1;
    }
    if (values.report !== undefined) {
      const html = accountingPage({ reading, origin: identity.origin, filter, now: new Date() });
      writeFileSync(createPrivately(values.report), html);
    }
    return { text: `${count} entries are in ${name}`, value: { ok: true, entries: count }, ok: true };
  });
}

/** An export is an access: it stands in the log before anything is read. One that was set aside takes no entries. */
async function recordFirst({ data = '', patient }: Values): Promise<void> {
  const folder = basename(data) === 'audit.db' ? dirname(data) : join(data, 'audit');
  if (!existsSync(join(folder, 'audit.db'))) return;
  const workstation = createWorkstation({ file: join(folder, '..', 'workstation.json'), write: async () => undefined });
  const code = await recordExport({
    folder,
    keyStore: createSystemKeyStore(),
    recorder: { id: await workstation(), system: WORKSTATION_SYSTEM, host: hostname(), version: manifest.version },
    account: userInfo().username,
    patientId: patient?.replace(/^Patient\//, ''),
  });
  if (code !== null) throw new Refusal(code, UNRECORDED[code] ?? 'The export can’t be recorded, and is not made.');
}

const UNRECORDED: Readonly<Record<string, string>> = {
  'log-held': 'The export can’t be recorded while Wardlight runs: close it, and try again.',
  'log-set-aside': 'The log could not be gone on with. It lies beside the new one: export it from there.',
  'log-elsewhere': 'Give the folder by the path by which Wardlight uses it.',
};
