import type { ReviewedPerson } from '../../../preload/contract/audit.ts';
import { DayField, midnight } from '../../parts/DayField.tsx';
import fields from '../../parts/fields.module.css';
import { collator, t } from '../../words/t.ts';
import css from './audit.module.css';
import { personWords } from './lineWords.ts';

/** What of a patient's record of access is shown; days as `2026-03-31`, empty for any. */
export interface AccessFilterValue {
  readonly person: string;
  readonly from: string;
  readonly to: string;
  readonly lists: boolean;
}

export const ANY_ACCESS: AccessFilterValue = { person: '', from: '', to: '', lists: false };

/** The filter as main takes it: both days are included. */
export function filterRequest({ person, from, to, lists }: AccessFilterValue) {
  return { person: person || null, from: midnight(from, 0), to: midnight(to, 1), lists };
}

interface Props {
  readonly value: AccessFilterValue;
  readonly people: readonly ReviewedPerson[];
  readonly onChange: (value: AccessFilterValue) => void;
}

/** By whom and when, and whether lists count. */
export function AccessFilter({ value, people, onChange }: Props) {
  const sorted = people.toSorted((a, b) => collator.compare(personWords(a), personWords(b)));
  return (
    <search className={css.filter} aria-label={t('Filter')}>
      <label>
        {t('Who')}
        <select
          className={fields.input}
          value={value.person}
          onChange={(event) => onChange({ ...value, person: event.currentTarget.value })}
          data-testid="filter-person"
        >
          <option value="">{t('Everybody')}</option>
          {sorted.map((person) => (
            <option key={person.reference} value={person.reference}>
              {personWords(person)}
            </option>
          ))}
        </select>
      </label>
      <DayField
        label={t('From')}
        value={value.from}
        onChange={(from) => onChange({ ...value, from })}
        testId="filter-from"
      />
      <DayField label={t('To')} value={value.to} onChange={(to) => onChange({ ...value, to })} testId="filter-to" />
      <label className={css.check}>
        <input
          type="checkbox"
          checked={value.lists}
          onChange={(event) => onChange({ ...value, lists: event.currentTarget.checked })}
          data-testid="filter-lists"
        />
        {t('Also lists in which the patient stood')}
      </label>
    </search>
  );
}
