import { Checkbox, Popover, TextInput } from '@mantine/core';
import { IconChevronDown, IconSearch } from '@tabler/icons-react';
import type { EntryKind, KindKnowledge, TimelineOutline } from '../../../preload/contract/timeline.ts';
import { Button } from '../../parts/Button.tsx';
import fields from '../../parts/fields.module.css';
import css from './timeline.module.css';
import { KIND_WORDS, monthWords } from './timelineWords.ts';

/** What the timeline shows; days as `2026-03-31`, empty for any. */
export interface FilterValue {
  readonly kinds: readonly EntryKind[];
  readonly text: string;
  readonly from: string;
  readonly to: string;
  readonly withdrawn: boolean;
}

export const ANY_ENTRY: FilterValue = { kinds: [], text: '', from: '', to: '', withdrawn: false };

/** Local midnight of a day, or of the one after it. */
function midnight(day: string, after: number): string | null {
  const [year, month, date] = day.split('-').map(Number);
  if (!(year && month && date)) return null;
  return new Date(year, month - 1, date + after).toISOString();
}

/** The filter as main takes it: both days are included. */
export function filterRequest({ kinds, text, from, to, withdrawn }: FilterValue) {
  return { kinds: [...kinds], text, from: midnight(from, 0), to: midnight(to, 1), withdrawn };
}

interface Props {
  readonly value: FilterValue;
  readonly outline: TimelineOutline | undefined;
  readonly onChange: (value: FilterValue) => void;
  readonly onJump: (month: string) => void;
  /** The focus goes on to the list. */
  readonly onEnter: () => void;
}

/** By words, kind and time, and to a month at once. */
export function TimelineFilters({ value, outline, onChange, onJump, onEnter }: Props) {
  const months = [...new Set(outline?.months.flatMap(({ month }) => month ?? []))];
  return (
    <search className={css.filters} aria-label="Filter the timeline">
      <TextInput
        size="xs"
        aria-label="Words"
        placeholder="Filter by words"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={value.text}
        onChange={(event) => onChange({ ...value, text: event.currentTarget.value.slice(0, 200) })}
        onKeyDown={(event) => ['ArrowDown', 'Enter', 'Escape'].includes(event.key) && onEnter()}
        data-testid="timeline-text"
      />
      <KindFilter value={value} kinds={outline?.kinds ?? []} onChange={onChange} />
      <Day label="From" value={value.from} onChange={(from) => onChange({ ...value, from })} />
      <Day label="To" value={value.to} onChange={(to) => onChange({ ...value, to })} />
      <label>
        Go to
        <select
          className={fields.input}
          value=""
          onChange={(event) => onJump(event.currentTarget.value)}
          data-testid="timeline-jump"
        >
          <option value="">month …</option>
          {months.map((month) => (
            <option key={month} value={month}>
              {monthWords(month)}
            </option>
          ))}
        </select>
      </label>
      <label className={css.check}>
        <input
          type="checkbox"
          checked={value.withdrawn}
          onChange={(event) => onChange({ ...value, withdrawn: event.currentTarget.checked })}
          data-testid="timeline-withdrawn"
        />
        Entered in error
      </label>
    </search>
  );
}

interface KindProps {
  readonly value: FilterValue;
  readonly kinds: readonly KindKnowledge[];
  readonly onChange: (value: FilterValue) => void;
}

function KindFilter({ value, kinds, onChange }: KindProps) {
  const label = value.kinds.length === 0 ? 'All kinds' : value.kinds.map((kind) => KIND_WORDS[kind][1]).join(', ');
  const toggle = (kind: EntryKind) => {
    const others = value.kinds.filter((one) => one !== kind);
    onChange({ ...value, kinds: others.length === value.kinds.length ? [...others, kind] : others });
  };
  return (
    <Popover position="bottom-start" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className={css.kindButton} data-testid="timeline-kinds">
          <span>{label}</span>
          <IconChevronDown size={14} aria-hidden />
        </button>
      </Popover.Target>
      <Popover.Dropdown className={css.kindList}>
        {kinds.map(({ kind, count, state }) => (
          <Checkbox
            key={kind}
            size="xs"
            label={`${KIND_WORDS[kind][1]} – ${state === 'not-permitted' ? 'not permitted' : state === 'not-fetched' && count === 0 ? 'not here' : count.toLocaleString('en')}`}
            checked={value.kinds.includes(kind)}
            onChange={() => toggle(kind)}
            data-testid={`timeline-kind-${kind}`}
          />
        ))}
        <Button size="tiny" onClick={() => onChange({ ...value, kinds: [] })}>
          All kinds
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}

interface DayProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (day: string) => void;
}

function Day({ label, value, onChange }: DayProps) {
  return (
    <label>
      {label}
      <input
        type="date"
        className={fields.input}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        data-testid={`timeline-${label.toLowerCase()}`}
      />
    </label>
  );
}
