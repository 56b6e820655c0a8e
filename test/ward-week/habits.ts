import type { Random } from '../sim/random.ts';
import type { Clinician, Hospital, Patient } from './hospital.ts';
import type { Log } from './log.ts';

export interface Ward {
  readonly hospital: Hospital;
  readonly log: Log;
  readonly random: Random;
}

/** A stretch of work at a workstation. */
interface Stretch {
  readonly who: Clinician;
  readonly day: number;
  readonly from: number;
  readonly hours: number;
  readonly device: string;
  readonly ward: number;
}

const spread = (random: Random, least: number, most: number) => least + random.below(most - least + 1);

function some<Item>(random: Random, items: readonly Item[], count: number): Item[] {
  const rest = [...items];
  const chosen: Item[] = [];
  while (chosen.length < count && rest.length > 0) chosen.push(...rest.splice(random.below(rest.length), 1));
  return chosen;
}

/** Unlocks in the morning and after each pause, with a typing error now and then. */
function unlock({ log, random }: Ward, { who, day, from, device }: Stretch, hour = from): void {
  let time = hour;
  for (let tries = 0; tries < 4 && random.chance(tries === 0 ? 0.12 : 0.2); tries += 1) {
    log.other(who, { day, hour: time }, { action: 'unlock-failed' }, { device });
    time += 0.005;
  }
  log.other(who, { day, hour: time }, { action: 'unlock' }, { device });
}

/** Opens charts at times between two hours; who is not on the care team has the patient by her panel. */
function look(
  ward: Ward,
  stretch: Stretch,
  patients: readonly Patient[],
  times: [number, number],
  onTeam: number,
): void {
  const { log, random } = ward;
  const { who, day, device } = stretch;
  const [first, last] = times;
  for (const patient of patients) {
    const hour = first + random.next() * (last - first);
    log.read(who, patient, { day, hour }, { relation: random.chance(onTeam) ? 'care-team' : 'panel', device });
  }
}

function output(ward: Ward, { who, day, from, hours, device }: Stretch, count: number): void {
  for (let made = 0; made < count; made += 1) {
    const hour = from + ward.random.next() * hours;
    ward.log.other(who, { day, hour }, { action: ward.random.chance(0.5) ? 'copy' : 'print' }, { device });
  }
}

/** A nurse's shift: her patients at the handover, each again through the shift; the charge nurse has the whole ward. */
function nurseShift(ward: Ward, stretch: Stretch, isCharge: boolean): void {
  const { hospital, random } = ward;
  const { from, hours, day } = stretch;
  const all = hospital.inpatients(stretch.ward, day);
  const own = some(random, all, spread(random, 5, 8));
  look(ward, stretch, isCharge ? all : own, [from, from + 0.6], 0.8);
  for (let round = 0; round < 3; round += 1) look(ward, stretch, own, [from + 0.6, from + hours], 0.8);
  look(ward, stretch, some(random, all, spread(random, 0, 3)), [from, from + hours], 0.5);
  output(ward, stretch, spread(random, 0, 4));
}

/** A physician's day: the round, then notes; or a night on call for several wards, with their handovers. */
function physicianDay(ward: Ward, stretch: Stretch): void {
  const { hospital, random } = ward;
  const all = hospital.inpatients(stretch.ward, stretch.day);
  const own = some(random, all, spread(random, 9, all.length));
  look(ward, stretch, own, [8, 10], 0.9);
  look(ward, stretch, some(random, own, spread(random, 5, 14)), [10, stretch.from + stretch.hours], 0.9);
  // A letter days after somebody went home.
  const gone = hospital
    .inpatients(stretch.ward, Math.max(0, stretch.day - 2))
    .filter(({ until }) => until <= stretch.day);
  look(ward, stretch, some(random, gone, spread(random, 0, 3)), [11, 16], 0.6);
  output(ward, stretch, spread(random, 1, 9));
}

function onCall(ward: Ward, stretch: Stretch): void {
  const { hospital, random } = ward;
  const wards = [0, 1, 2].slice(0, spread(random, 2, 3)).map((offset) => stretch.ward + offset);
  for (const [index, one] of wards.entries()) {
    const all = hospital.inpatients(one, stretch.day);
    // Only those of whom there is something to hand over.
    look(ward, stretch, some(random, all, spread(random, 6, 16)), [17 + index * 0.3, 17.5 + index * 0.3], 0.4);
    look(ward, stretch, some(random, all, spread(random, 2, 8)), [18, stretch.from + stretch.hours], 0.4);
  }
  output(ward, stretch, spread(random, 0, 4));
}

/** A consultant: patients on several wards, and on clinic days those who went home long ago. */
function consultantDay(ward: Ward, stretch: Stretch): void {
  const { hospital, random } = ward;
  const { day, from, hours, who } = stretch;
  const isClinic = (day + Number(who.id.replace(/\D/g, ''))) % 3 === 0;
  for (let asked = spread(random, 3, 8); asked > 0; asked -= 1) {
    const patients = hospital.inpatients(stretch.ward + random.below(5), day);
    look(ward, stretch, some(random, patients, 1), [from, from + hours], 0.5);
  }
  if (isClinic) look(ward, stretch, some(random, hospital.former(day, 10), spread(random, 10, 16)), [9, 16], 0.3);
  output(ward, stretch, spread(random, 0, 8));
}

function deskDay(ward: Ward, stretch: Stretch): void {
  const { hospital, random } = ward;
  const all = hospital.inpatients(stretch.ward, stretch.day);
  const isClerk = stretch.who.kind === 'clerk';
  const patients = some(random, all, isClerk ? spread(random, 12, 24) : spread(random, 7, 12));
  look(ward, stretch, patients, [stretch.from, stretch.from + stretch.hours], isClerk ? 0.3 : 0.7);
  output(ward, stretch, isClerk ? spread(random, 5, 18) : spread(random, 0, 3));
}

/** What seldom happens to anybody, and is nothing bad. */
function incidents(ward: Ward, stretch: Stretch): void {
  const { hospital, log, random } = ward;
  const { who, day, from, hours, device } = stretch;
  const hour = from + random.next() * hours;
  const elsewhere = hospital.inpatients(stretch.ward + 1 + random.below(5), day);
  // The wrong line of a list; a patient who has just been moved.
  if (random.chance(0.08) && elsewhere.length > 0) {
    log.read(who, random.pick(elsewhere), { day, hour }, { relation: 'none', action: 'denied', device });
  }
  if (random.chance(0.006) && elsewhere.length > 0) {
    log.read(who, random.pick(elsewhere), { day, hour }, { relation: 'none', action: 'emergency', device });
  }
  // The clock is set right by the network.
  if (random.chance(0.02)) {
    const details = { milliseconds: String(spread(random, -110_000, 110_000)) };
    log.other(null, { day, hour }, { action: 'clock-jump', details }, { device });
  }
}

const SHIFTS = [
  { from: 7, hours: 8 },
  { from: 15, hours: 8 },
  { from: 23, hours: 8 },
] as const;

/** When somebody works on a day; null where she has it off. */
function shiftOf({ random }: Ward, { kind, id }: Clinician, day: number): { from: number; hours: number } | null {
  const number = Number(id.replace(/\D/g, ''));
  if (kind === 'nurse') {
    // Weeks of one shift after another; two days off, and sometimes a swap.
    if ((day + number) % 7 >= 5) return null;
    const turn = Math.floor((day + number) / 7) + number;
    const swapped = random.chance(0.06) ? 1 : 0;
    const shift = SHIFTS[(turn + swapped) % 3] as (typeof SHIFTS)[number];
    return { from: shift.from - 0.3 + random.next() * 0.4, hours: shift.hours };
  }
  const isWeekend = day % 7 >= 5;
  if (kind === 'physician') {
    if ((day + number) % 7 === 0) return { from: 16.7, hours: 15 };
    return isWeekend && !random.chance(0.25) ? null : { from: 7.3 + random.next() * 0.5, hours: 9 + random.next() * 2 };
  }
  if (isWeekend && !(kind === 'consultant' && random.chance(0.1))) return null;
  // A consultant is called in at night now and then.
  if (kind === 'consultant' && random.chance(0.01)) return { from: 22 + random.next() * 4, hours: 2 };
  return { from: 7.5 + random.next(), hours: 8 + random.next() };
}

/** One clinician's day by her habits. */
export function work(ward: Ward, who: Clinician, day: number): void {
  const { random, hospital } = ward;
  const shift = day < who.since || random.chance(0.05) ? null : shiftOf(ward, who, day);
  if (!shift) return;
  // Lent to another ward for a shift, at its workstation.
  const isLent = who.kind === 'nurse' && random.chance(0.01);
  const at = isLent ? (who.ward + 1 + random.below(3)) % hospital.wards : who.ward;
  const device = isLent ? `ward-${at}-pc-${random.below(4)}` : who.devices[random.chance(0.8) ? 0 : 1];
  const stretch: Stretch = { who, day, ...shift, device, ward: at };
  for (let pause = 0; pause < 4; pause += 1) unlock(ward, stretch, shift.from - 0.05 + pause * (shift.hours / 4));
  if (who.kind === 'nurse') nurseShift(ward, stretch, random.chance(0.12));
  else if (who.kind === 'physician') (shift.from > 16 ? onCall : physicianDay)(ward, stretch);
  else if (who.kind === 'consultant') consultantDay(ward, stretch);
  else deskDay(ward, stretch);
  incidents(ward, stretch);
}
