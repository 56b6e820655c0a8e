import { afterEach, describe, expect, it, vi } from 'vitest';
import { formatAge } from '../../../../renderer/parts/age.ts';
import {
  formatAgo,
  formatAsOf,
  formatDate,
  formatDateTime,
  formatTick,
  isStale,
  parseFhirDate,
} from '../../../../renderer/parts/dates.ts';
import { ltr } from '../../../../renderer/parts/ltr.ts';
import { formatBirth, formatDeath, formatName, formatNameWithPrefix } from '../../../../renderer/parts/names.ts';

/** Local time, so that the tests hold in every time zone. */
const now = new Date(2026, 2, 12, 14, 32);
const HOUR = 3_600_000;
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * HOUR).toISOString();

describe('dates', () => {
  it.each([
    ['1961-03-12', '12-Mar-1961'],
    ['1961-03', 'Mar-1961'],
    ['1961', '1961'],
    ['0961-12-01', '01-Dec-0961'],
  ])('writes %s as precisely as it was recorded', (text, words) => {
    expect(formatDate(text)).toBe(words);
    expect(formatDateTime(text)).toBe(words);
  });

  it('writes a moment in local time, 24 hours', () => {
    expect(formatDateTime(now.toISOString())).toBe('12-Mar-2026 14:32');
    expect(formatDate(now.toISOString())).toBe('12-Mar-2026');
  });

  it.each(['', 'yesterday', '2026-13-01', '2026-02-30', '12/03/2026'])(
    'shows "%s", which is no date, as it came',
    (text) => {
      expect(parseFhirDate(text)).toBeNull();
      expect(formatDate(text)).toBe(text);
    },
  );

  it('says that there is no date', () => {
    expect(formatDate(null)).toBe('No date');
  });

  it('says how old data is, with the date when it is not of today', () => {
    expect(formatAsOf(hoursAgo(0.05), now)).toBe('14:29 (3 min ago)');
    expect(formatAsOf(hoursAgo(72), now)).toBe('09-Mar-2026 14:32 (3 days ago)');
    expect(formatAgo(0)).toBe('just now');
    expect(formatAgo(5 * HOUR)).toBe('5 h ago');
  });

  it('calls data old after 24 hours, and when its age is not known', () => {
    expect(isStale(hoursAgo(24), now)).toBe(false);
    expect(isStale(hoursAgo(24.1), now)).toBe(true);
    expect(isStale('not a time', now)).toBe(true);
  });

  it('labels an axis with months as letters, so that no day is taken for a month', () => {
    const day = new Date(2026, 2, 5).getTime();
    expect(formatTick(day, 400 * 86_400, null)).toBe('2026');
    expect(formatTick(day, 30 * 86_400, null)).toBe('Mar-2026');
    expect(formatTick(day, 86_400, null)).toBe('05-Mar\n2026');
    expect(formatTick(day, 86_400, day - 86_400_000)).toBe('05-Mar');
    expect(formatTick(day, 3_600, day + HOUR)).toBe('00:00');
  });
});

describe('age after the NHS Common User Interface', () => {
  it.each([
    [hoursAgo(1.99), '119 min'],
    [hoursAgo(2), '2 hr'],
    [hoursAgo(47.9), '47 hr'],
    ['2026-03-12', '0d'],
    ['2026-02-13', '27d'],
    ['2026-02-12', '4w'],
    ['2025-03-13', '52w'],
    ['2025-03-12', '12m 0d'],
    ['2024-03-13', '23m 27d'],
    ['2024-03-12', '2y 0m'],
    ['2008-03-13', '17y 11m'],
    ['2008-03-12', '18y'],
    ['1961-03-12', '65y'],
    ['1961-03-13', '64y'],
  ])('born %s is %s', (birth, age) => {
    expect(formatAge(birth, now)).toBe(age);
  });

  it('counts from the end of a month to a shorter one', () => {
    expect(formatAge('2025-01-31', new Date(2026, 1, 28))).toBe('12m 28d');
    expect(formatAge('2024-02-29', new Date(2026, 1, 28))).toBe('23m 30d');
  });

  it('is never precise for a birth date without a day', () => {
    expect(formatAge('1961', now)).toBe('about 65y');
    expect(formatAge('1961-03', now)).toBe('about 65y');
  });

  it('is not told for what is no date, or to come', () => {
    expect(formatAge('unknown', now)).toBeNull();
    expect(formatAge('2026-03-13', now)).toBeNull();
    expect(formatAge('2027', now)).toBeNull();
  });
});

describe('names', () => {
  it('puts the family name in capitals before the given name', () => {
    expect(formatName({ family: "O'Brien", given: 'Siobhán', prefix: 'Ms' })).toBe("O'BRIEN, Siobhán");
    expect(formatNameWithPrefix({ family: "O'Brien", given: 'Siobhán', prefix: 'Ms' })).toBe("O'BRIEN, Siobhán (Ms)");
  });

  it('leaves out what is missing, and says it when nothing is left', () => {
    expect(formatName({ family: 'Nowak', given: '', prefix: '' })).toBe('NOWAK');
    expect(formatName({ family: ' ', given: 'Jan', prefix: '' })).toBe('Jan');
    expect(formatName({ family: '', given: '', prefix: '' })).toBe('Name not recorded');
  });

  it('tells birth with age, and without for the dead', () => {
    expect(formatBirth({ birthDate: '1961-03-12', deceased: false }, now)).toBe('12-Mar-1961 (65y)');
    expect(formatBirth({ birthDate: '1961-03-12', deceased: true }, now)).toBe('12-Mar-1961');
    expect(formatBirth({ birthDate: null, deceased: false }, now)).toBe('not recorded');
  });

  it('tells death with the age reached', () => {
    expect(formatDeath({ birthDate: '1961-03-12', deceased: false })).toBeNull();
    expect(formatDeath({ birthDate: '1961-03-12', deceased: true })).toBe('Deceased');
    expect(formatDeath({ birthDate: '1961-03-12', deceased: '2024-02-03' })).toBe('Died 03-Feb-2024 (62y)');
    expect(formatDeath({ birthDate: '1961-03-12', deceased: '2024' })).toBe('Died 2024');
  });
});

describe('in a page that is read from the right', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('dates and ranges stay in their order, and in other pages are as they are', () => {
    expect([ltr('3.5–5.1'), formatDate('2026-11-01')]).toEqual(['3.5–5.1', '01-Nov-2026']);
    vi.stubGlobal('document', { documentElement: { dir: 'rtl' } });
    expect(ltr('3.5–5.1')).toBe('\u20663.5–5.1\u2069');
    expect(formatDate('2026-11-01')).toBe('\u206601-Nov-2026\u2069');
    expect(formatDateTime(now.toISOString())).toBe('\u206612-Mar-2026 14:32\u2069');
    expect(formatTick(now.getTime(), 86_400, now.getTime())).toBe('\u206612-Mar\u2069');
  });

  it('an age goes the way of its own words', () => {
    vi.stubGlobal('document', { documentElement: { dir: 'rtl' } });
    const birth = formatBirth({ birthDate: '1961-03-12', deceased: false }, now);
    expect(birth).toBe('\u206612-Mar-1961\u2069 (\u206865y\u2069)');
  });
});
