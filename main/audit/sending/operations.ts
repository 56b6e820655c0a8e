import type { AlarmChannel } from '../../../preload/contract/audit.ts';
import type { WriteDb } from '../../cache/open.ts';
import { sql } from '../../cache/statements.ts';
import { entriesIn } from '../entries.ts';
import { alarmEntries, alarmSeqs } from '../lookup.ts';
import type { OpenLog } from '../opening.ts';
import { judgedAlarms } from '../review/alarms.ts';
import { idOf, readEntry } from '../review/lines.ts';
import { isSettled, type Outcome, outcomeSchema } from './outcome.ts';
import { type AlarmRequest, signedHeaders } from './signature.ts';

/** An alarm's newest outcome on one way. */
export interface SentAlarm {
  readonly alarm: string;
  readonly channel: AlarmChannel;
  readonly outcome: Outcome;
}

/** What the audit process does for the sending of alarms. */
export interface SendingOperations {
  /**
   * Places in the log of the alarms that were not received by this way, oldest first; `parked`: how many were refused
   * since `refusedBefore`, and are not tried again yet. At the first time it is settled which alarms are news there.
   */
  alarmsDue(request: { channel: AlarmChannel; time: string; refusedBefore: string }): { due: number[]; parked: number };
  keepOutcome(request: { seq: number } & SentAlarm): void;
  outcomes(request: { alarms: readonly string[] }): SentAlarm[];
  /** Headers of the request by which an alarm is told, signed by the log's key. Nothing else is signed so. */
  signRequest(request: AlarmRequest): Record<string, string>;
}

/** Alarms that had rung before there was the way by which they are to be sent are news for so long. */
const NEWS_MS = 30 * 24 * 3_600_000;
const LOOKED_AT_MAX = 5_000;

/** The operations on the sending of alarms, over the log that is open. */
export function createSendingOperations(log: () => OpenLog): SendingOperations {
  return {
    alarmsDue({ channel, time, refusedBefore }) {
      const { db } = log();
      if (!isKnown(db, channel)) beginChannel(db, channel, time);
      const settled = seqsOf(db, 'SELECT seq FROM alarm_outcome WHERE channel = ? AND settled = 1', channel);
      const parked = seqsOf(
        db,
        `SELECT seq FROM alarm_outcome WHERE channel = ? AND settled = 0 AND outcome ->> 'time' > ?`,
        channel,
        refusedBefore,
      );
      const waiting = alarmSeqs(db).filter((seq) => !settled.has(seq));
      const due = waiting.filter((seq) => !parked.has(seq));
      return { due, parked: waiting.length - due.length };
    },
    keepOutcome: (sent) => keep(log().db, sent),
    outcomes: ({ alarms }) =>
      (
        sql(
          log().db,
          `SELECT alarm, channel, outcome FROM alarm_outcome
           WHERE id IN (
             SELECT max(id) FROM alarm_outcome WHERE alarm IN (SELECT value FROM json_each(?)) GROUP BY alarm, channel
           )`,
        ).all(JSON.stringify(alarms)) as (Omit<SentAlarm, 'outcome'> & { outcome: string })[]
      ).map((row) => ({ ...row, outcome: outcomeSchema.parse(JSON.parse(row.outcome)) })),
    signRequest: (request) => signedHeaders(request, log().signer),
  };
}

function isKnown(db: WriteDb, channel: AlarmChannel): boolean {
  return sql(db, 'SELECT 1 FROM alarm_channel WHERE name = ?').get(channel) !== undefined;
}

/** Of what has rung before, only what is recent and what no person has judged is news. */
function beginChannel(db: WriteDb, channel: AlarmChannel, time: string): void {
  const since = new Date(Date.parse(time) - NEWS_MS).toISOString();
  const news = judgedAlarms(alarmEntries(db, LOOKED_AT_MAX))
    .filter(({ alarm, mark }) => mark === null && alarm.at >= since)
    .map(({ alarm }) => alarm.seq);
  const isNews = new Set(news);
  const begin = db.transaction(() => {
    sql(db, 'INSERT INTO alarm_channel (name, time) VALUES (?, ?)').run(channel, time);
    for (const seq of alarmSeqs(db).filter((one) => !isNews.has(one))) {
      const [entry] = entriesIn(db, seq, seq + 1);
      const alarm = (entry && idOf(readEntry(entry).event)) ?? '';
      keep(db, { seq, alarm, channel, outcome: { kind: 'earlier', time } });
    }
  });
  begin.immediate();
}

function keep(db: WriteDb, { seq, alarm, channel, outcome }: { seq: number } & SentAlarm): void {
  const text = JSON.stringify(outcomeSchema.parse(outcome));
  sql(db, 'INSERT INTO alarm_outcome (channel, seq, alarm, settled, outcome) VALUES (?, ?, ?, ?, ?)').run(
    channel,
    seq,
    alarm,
    isSettled(outcome) ? 1 : 0,
    text,
  );
}

function seqsOf(db: WriteDb, text: string, ...values: string[]): ReadonlySet<number> {
  return new Set(
    sql(db, text)
      .pluck()
      .all(...values) as number[],
  );
}
