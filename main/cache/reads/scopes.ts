import type { AskedScope, PatientRow } from '../../../preload/contract/patients.ts';
import { startOf } from '../dates.ts';
import { fold } from '../fold.ts';
import { bound, codings, conceptText, field, items, text } from '../json.ts';
import type { ReadDb } from '../open.ts';
import { sql } from '../statements.ts';

/** An appointment of a list, as its row tells it. */
type Appointment = NonNullable<PatientRow['appointment']>;

/** Those who are on a list: places in the list's own order, and appointments where it is of these. */
export interface ScopeMembers {
  readonly places: ReadonlyMap<number, number>;
  readonly appointments: ReadonlyMap<number, Appointment>;
}

export interface ScopeRequest {
  /** Patients of whom something is unfinished, which another database knows. */
  readonly unfinished: readonly string[];
  /** Whether wards may be told of. */
  readonly located: boolean;
}

const NOBODY: ReadonlyMap<number, Appointment> = new Map();

/** Who is on a list; null for all of the clinician's patients. */
export function membersOf(db: ReadDb, scope: AskedScope, request: ScopeRequest): ScopeMembers | null {
  if (scope.list === 'mine') return null;
  if (scope.list === 'appointments') return appointmentsOf(db, scope);
  return { places: inOrder(pidsOf(db, scope, request)), appointments: NOBODY };
}

const inOrder = (pids: readonly number[]) => new Map(pids.map((pid, place) => [pid, place]));

type Simple = Exclude<AskedScope, { list: 'mine' } | { list: 'appointments' }>;

function pidsOf(db: ReadDb, scope: Simple, { unfinished, located }: ScopeRequest): number[] {
  if (scope.list === 'ward') return located ? inWard(db, scope.ward) : [];
  const query =
    scope.list === 'recent'
      ? sql(db, 'SELECT pid FROM opened ORDER BY at DESC').pluck().all()
      : sql(db, 'SELECT p.pid FROM json_each(?) wish JOIN patient p ON p.id = wish.value')
          .pluck()
          .all(JSON.stringify(unfinished));
  return query as number[];
}

/** A ward's beds are all that begin with its name and a comma; the comma is followed by a blank, so by nothing else. */
function inWard(db: ReadDb, ward: string): number[] {
  const key = fold(ward);
  return sql(
    db,
    `SELECT pid FROM patient INDEXED BY patient_by_location
     WHERE panel = 1 AND known = 1 AND (location_key = @key OR (location_key >= @key || ', ' AND location_key < @key || ',!'))`,
  )
    .pluck()
    .all({ key }) as number[];
}

/** Statuses of appointments to which nobody comes (R4 valueset-appointmentstatus). */
const OFF = new Set(['cancelled', 'noshow', 'entered-in-error', 'waitlist', 'proposed']);

/** By the time of the first appointment of each. One with a security label tells nothing in a list. */
function appointmentsOf(db: ReadDb, { from, to }: { readonly from: string; readonly to: string }): ScopeMembers {
  const rows = sql(
    db,
    `SELECT d.patient AS pid, r.body FROM search_date d JOIN resource r ON r.rid = d.rid
     WHERE d.param = (SELECT param FROM search_parameter WHERE name = 'Appointment.date')
       AND d.low >= ? AND d.low < ? AND d.patient <> 0 AND r.label = 0 ORDER BY d.low, d.rid`,
  ).all(startOf(from) ?? 0, startOf(to) ?? 0) as { pid: number; body: string }[];
  const found = new Map<number, Appointment>();
  for (const { pid, body } of rows) {
    const appointment = appointmentIn(JSON.parse(body));
    if (appointment && !found.has(pid)) found.set(pid, appointment);
  }
  return { places: inOrder([...found.keys()]), appointments: found };
}

function appointmentIn(resource: unknown): Appointment | null {
  const status = text(resource, 'status') ?? 'unknown';
  const start = text(resource, 'start');
  if (OFF.has(status) || start === undefined) return null;
  const named = [field(resource, 'appointmentType'), ...items(resource, 'serviceType')]
    .map((concept) => conceptText(concept) ?? codings(concept)[0]?.display)
    .find((words) => words !== undefined);
  const what = text(resource, 'description') ?? named ?? null;
  return { start: bound(start, 40), what: what && bound(what, 200), status: bound(status, 40) };
}

/** Wards where patients lie, by name, with those who lie there. */
export function wardsOf(db: ReadDb): ReadonlyMap<string, readonly number[]> {
  const rows = sql(
    db,
    `SELECT pid, location FROM patient INDEXED BY patient_by_location
     WHERE panel = 1 AND known = 1 AND location_key IS NOT NULL ORDER BY location_key`,
  ).all() as { pid: number; location: string }[];
  const wards = new Map<string, number[]>();
  for (const { pid, location } of rows) {
    const ward = location.split(', ')[0] ?? location;
    const there = wards.get(ward);
    if (there) there.push(pid);
    else wards.set(ward, [pid]);
  }
  return wards;
}
