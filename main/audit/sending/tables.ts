import type { Migration } from '../../cache/schema/migrate.ts';
import { appendOnly } from '../append-only.ts';

/** Ways by which alarms are sent, since when, and what became of each alarm there: only ever added to. */
export const sendingTables: Migration = (db) => {
  db.exec(`
    CREATE TABLE alarm_channel (
      name TEXT PRIMARY KEY,
      time TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE alarm_outcome (
      id INTEGER PRIMARY KEY,
      channel TEXT NOT NULL REFERENCES alarm_channel (name),
      seq INTEGER NOT NULL,
      alarm TEXT NOT NULL,
      settled INTEGER NOT NULL CHECK (settled IN (0, 1)),
      outcome TEXT NOT NULL
    ) STRICT;
    CREATE INDEX alarm_outcome_channel ON alarm_outcome (channel, seq);
    CREATE INDEX alarm_outcome_alarm ON alarm_outcome (alarm);
    ${['alarm_channel', 'alarm_outcome'].map(appendOnly).join('')}
  `);
};
