import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { originOf } from '../../../../main/audit/log/entry.ts';
import { createSigner } from '../../../../main/audit/log/note.ts';
import { auditMigrations } from '../../../../main/audit/schema.ts';
import { openDatabase, type WriteDb } from '../../../../main/cache/open.ts';
import { openLogFile } from '../../../support/audit.ts';
import { temporaryFolder } from '../../vault/support.ts';
import { openTestLog, TIME } from '../delivery/support.ts';
import { alarmEvent } from './support.ts';

/** The key and the seed of `openTestLog`. */
const [KEY, SEED] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const BEFORE = 3;
const asked = { channel: 'webhook', time: TIME, refusedBefore: TIME } as const;

function planOf(db: WriteDb, text: string): string {
  const steps = db.prepare(`EXPLAIN QUERY PLAN ${text}`).all() as { detail: string }[];
  return steps.map(({ detail }) => detail).join('; ');
}

it('a log of a version that sent no alarms goes on, and what it holds is news', async () => {
  const folder = temporaryFolder();
  const logId = randomUUID();
  const origin = originOf(logId);
  const { vkey } = createSigner(origin, SEED);
  const migrations = auditMigrations({ origin, vkey, predecessor: null }).slice(0, BEFORE);
  const file = join(folder, 'audit.db');
  const older = openDatabase({ file, key: KEY, mode: 'create', migrations });
  if (!older.ok) throw new Error(older.error.code);
  older.value.close();

  const { log } = openTestLog(folder, { logId });
  await log.append(JSON.stringify(alarmEvent({}, { id: 'a' })));
  expect(log.alarmsDue(asked)).toEqual({ due: [0], parked: 0 });
  const outcome = { kind: 'received', status: 204, location: null, time: TIME } as const;
  log.keepOutcome({ seq: 0, alarm: 'a', channel: 'webhook', outcome });
  expect(log.alarmsDue(asked)).toEqual({ due: [], parked: 0 });
  expect(log.outcomes({ alarms: ['a', 'b'] })).toEqual([{ alarm: 'a', channel: 'webhook', outcome }]);
  log.close();

  const db = openLogFile(file, KEY);
  expect(planOf(db, "SELECT seq FROM alarm_outcome WHERE channel = 'webhook' AND settled = 1")).toContain(
    'USING INDEX alarm_outcome_channel',
  );
  expect(planOf(db, "SELECT max(id) FROM alarm_outcome WHERE alarm = 'a' GROUP BY alarm, channel")).toContain(
    'USING INDEX alarm_outcome_alarm',
  );
  db.close();
});
