import { phrase, placeholder } from '../../preload/contract/placeholders.ts';
import { type Base, baseOf, type Changed, failed, written } from './change.ts';
import { textOf, type Writing } from './resource.ts';

const FROM: Readonly<Record<'arrived' | 'checked-in', readonly string[]>> = {
  arrived: ['pending', 'booked'],
  'checked-in': ['pending', 'booked', 'arrived'],
};

/** A patient who has come to an appointment (R4 valueset-appointmentstatus.html). */
export function checkedIn(base: Base & { status: 'arrived' | 'checked-in' }, writing: Writing): Changed {
  const found = baseOf('Appointment', base, writing);
  if (!found.ok) return found;
  const { status } = base;
  if (!FROM[status].includes(textOf(found.value['status']) ?? '')) return failed('not-changeable');
  const what = textOf(found.value['description']) ?? placeholder('record');
  return written({ ...found.value, status }, phrase(status, what));
}
