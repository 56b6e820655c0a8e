import type { Duplicate } from '../../../preload/contract/sync.ts';
import { formatDateTime } from '../../parts/dates.ts';
import { t } from '../../words/t.ts';

export const DUPLICATES = {
  title: t('Perhaps registered twice'),
  means: t(
    'The server has a record that may be the same as one that was registered here in a downtime. Nothing is merged by itself: look at both, then decide.',
  ),
} as const;

/** What is like what, in one sentence. */
export function likenessWords({ kind, other, number }: Duplicate): string {
  const what = other?.title || t('no description');
  const start = other?.start ? formatDateTime(other.start) : t('an unknown time');
  switch (kind) {
    case 'other-patient':
      return t('Its number {number} belongs to another patient on the server. One of the two is wrong.', { number });
    case 'same-number':
      return t('The server has the same number {number} for this patient: {what}, {start}.', { number, what, start });
    case 'overlap':
      return t('The patient has another visit at the same time: {what}, since {start}.', { what, start });
    case 'same-type':
      return t('A specimen of the same kind was taken at nearly the same time: {what}, {start}.', { what, start });
  }
}
