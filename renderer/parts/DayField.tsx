import fields from './fields.module.css';

interface Props {
  readonly label: string;
  /** `2026-03-31`, empty for any. */
  readonly value: string;
  readonly onChange: (day: string) => void;
  readonly testId: string;
}

/** One end of a span of days. */
export function DayField({ label, value, onChange, testId }: Props) {
  return (
    <label>
      {label}
      <input
        type="date"
        className={fields.input}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        data-testid={testId}
      />
    </label>
  );
}

/** Local midnight of a day as such a field has it, or of the one after it; null for any. */
export function midnight(day: string, after: number): number | null {
  const [year, month, date] = day.split('-').map(Number);
  if (!(year && month && date)) return null;
  return new Date(year, month - 1, date + after).getTime();
}
