import type { Withheld } from '../../preload/contract/chart.ts';
import { t } from '../words/t.ts';

/** What is said of entries that aren't shown; null where there are none. */
export function withheldWords({ restricted, denied }: Withheld): string | null {
  const parts = [
    restricted === 'purpose' ? t('There are restricted entries, which are not shown.') : null,
    restricted === 'emergency' ? t('There are entries that only emergency access shows.') : null,
    denied ? t('There are entries that you are not permitted to view.') : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(' ');
}

/** True where a list is not all that there is: then nothing may be said to be absent. */
export function isWithheld({ restricted, denied }: Withheld): boolean {
  return restricted !== null || denied;
}
