import { startOf } from '../dates.ts';
import type { Facts } from '../ingest/facts.ts';
import { patientsInHouse, updateLocations } from '../ingest/location.ts';
import type { Names } from '../ingest/names.ts';
import type { Change } from '../ingest/store.ts';
import type { WriteDb } from '../open.ts';
import { createSearchIndex } from '../search/index.ts';
import { sql } from '../statements.ts';

type About = Pick<Facts, 'type' | 'lastUpdated'> & Partial<Pick<Facts, 'id' | 'versionId' | 'labels'>>;

interface Newest {
  readonly time: number;
  readonly text: string;
  readonly about: About;
}

/** What a transaction touched, so that the derived columns of each patient are written once. */
export class Touched {
  private readonly patients = new Set<number>();
  private readonly newest = new Map<number, Newest>();
  /** Of the records without a security label: the only ones of which the list tells the time. */
  private readonly newestOrdinary = new Map<number, Newest>();
  private readonly moved = new Set<number>();
  private locations = false;

  /** Takes up what storing or removing a resource changed. */
  add(about: About, change: Change): void {
    if (about.type === 'Location') this.locations = true;
    if (change === 'unchanged') return;
    for (const pid of change.patients) {
      this.patients.add(pid);
      if (about.type === 'Encounter') this.moved.add(pid);
    }
    this.noteNewest(about, change.patients.length > 0 ? change.patients : [0]);
  }

  /** Takes up a version of the server's that the cache doesn't store, as a clinician's own text is in its place. */
  saw(facts: Facts, names: Names): void {
    this.noteNewest(facts, [facts.patient === null ? 0 : names.patient(facts.patient)]);
  }

  /** Writes what is derived. Called once, at the end of the transaction. */
  finish(db: WriteDb, names: Names): void {
    for (const [pid, { time, about }] of this.newest) writeWitness(db, names, pid, time, about);
    for (const [pid, { time, text }] of this.newestOrdinary) {
      sql(
        db,
        `UPDATE patient SET updated = @time, last_updated = @text
         WHERE pid = @pid AND (updated IS NULL OR updated < @time)`,
      ).run({ time, text, pid });
    }
    updateLocations(db, names, this.locations ? [...this.moved, ...patientsInHouse(db, names)] : this.moved);
    createSearchIndex(db, names).flush();
  }

  /** Ids of the patients whose records changed. */
  ids(db: WriteDb): string[] {
    return [...this.patients].map(
      (pid) => (sql(db, 'SELECT id FROM patient WHERE pid = ?').get(pid) as { id: string }).id,
    );
  }

  private noteNewest(about: About, patients: readonly number[]): void {
    const text = about.lastUpdated;
    const time = startOf(text);
    if (text === null || time === null) return;
    for (const pid of patients) {
      keepNewer(this.newest, pid, { time, text, about });
      if (pid !== 0 && !about.labels) keepNewer(this.newestOrdinary, pid, { time, text, about });
    }
  }
}

function keepNewer(newest: Map<number, Newest>, pid: number, one: Newest): void {
  const known = newest.get(pid);
  if (!known || one.time > known.time) newest.set(pid, one);
}

function writeWitness(db: WriteDb, names: Names, patient: number, updated: number, about: About): void {
  if (about.id === undefined || about.versionId === undefined || about.versionId === '') return;
  sql(
    db,
    `INSERT INTO witness (patient, type, id, version_id, updated) VALUES (@patient, @type, @id, @versionId, @updated)
     ON CONFLICT DO UPDATE SET type = excluded.type, id = excluded.id, version_id = excluded.version_id,
       updated = excluded.updated WHERE excluded.updated >= updated`,
  ).run({ patient, type: names.term(about.type), id: about.id, versionId: about.versionId, updated });
}
