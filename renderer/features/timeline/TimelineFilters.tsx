import { TextInput } from '@mantine/core';
import { IconChevronDown, IconSearch } from '@tabler/icons-react';
import { type FocusEvent, type KeyboardEvent, useRef } from 'react';
import { phrasesSaying } from '../../../preload/contract/phrases.ts';
import type { EntryKind, KindKnowledge, TimelineOutline } from '../../../preload/contract/timeline.ts';
import { Button } from '../../parts/Button.tsx';
import { codesNamed } from '../../parts/codeNames.ts';
import { codesSaying } from '../../parts/codeWords.ts';
import { DayField, midnight } from '../../parts/DayField.tsx';
import fields from '../../parts/fields.module.css';
import { folded } from '../../parts/folded.ts';
import { LANGUAGE, number, t } from '../../words/t.ts';
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

function instant(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

/** The filter as main takes it: both days are included. */
export function filterRequest({ kinds, text, from, to, withdrawn }: FilterValue) {
  const time = { from: instant(midnight(from, 0)), to: instant(midnight(to, 1)) };
  return { kinds: [...kinds], text, coded: codedWords(text), ...time, withdrawn };
}

const WORDS_MAX = 20;

/** For each word the codes that the page words with it: main has no words for codes. */
function codedWords(text: string) {
  const words = [...new Set(folded(text).split(/\s+/))].filter(Boolean);
  return words.slice(0, WORDS_MAX).map((word) => {
    const says = (said: string) => folded(said).includes(word);
    return { word, codes: [...codesSaying(says), ...codesNamed(says), ...phrasesSaying(LANGUAGE, says)] };
  });
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
    <search className={css.filters} aria-label={t('Filter the timeline')}>
      <TextInput
        size="xs"
        aria-label={t('Words')}
        placeholder={t('Filter by words')}
        leftSection={<IconSearch size={14} aria-hidden />}
        value={value.text}
        onChange={(event) => onChange({ ...value, text: event.currentTarget.value.slice(0, 200) })}
        onKeyDown={(event) => ['ArrowDown', 'Enter', 'Escape'].includes(event.key) && onEnter()}
        data-testid="timeline-text"
      />
      <KindFilter value={value} kinds={outline?.kinds ?? []} onChange={onChange} />
      <DayField
        label={t('From')}
        value={value.from}
        onChange={(from) => onChange({ ...value, from })}
        testId="timeline-from"
      />
      <DayField label={t('To')} value={value.to} onChange={(to) => onChange({ ...value, to })} testId="timeline-to" />
      <label>
        {t('Go to')}
        <select
          className={fields.input}
          value=""
          onChange={(event) => onJump(event.currentTarget.value)}
          data-testid="timeline-jump"
        >
          <option value="">{t('month …')}</option>
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
        {t('Entered in error')}
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
  const label = value.kinds.length === 0 ? t('All kinds') : value.kinds.map((kind) => KIND_WORDS[kind][1]).join(', ');
  const box = useRef<HTMLDetailsElement>(null);
  const close = () => {
    if (box.current) box.current.open = false;
  };
  const onBlur = (event: FocusEvent) => {
    if (event.relatedTarget && !box.current?.contains(event.relatedTarget as Node)) close();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !box.current?.open) return;
    // The chart stays.
    event.preventDefault();
    close();
    box.current.querySelector('summary')?.focus();
  };
  const toggle = (kind: EntryKind) => {
    const others = value.kinds.filter((one) => one !== kind);
    onChange({ ...value, kinds: others.length === value.kinds.length ? [...others, kind] : others });
  };
  return (
    <details ref={box} className={css.kinds} onBlur={onBlur} onKeyDown={onKeyDown}>
      <summary data-testid="timeline-kinds">
        <span>{label}</span>
        <IconChevronDown size={14} aria-hidden />
      </summary>
      <fieldset className={css.kindList}>
        <legend className="wl-said">{t('Kinds of entries')}</legend>
        {kinds.map((known) => (
          <label key={known.kind} className={css.check}>
            <input
              type="checkbox"
              checked={value.kinds.includes(known.kind)}
              onChange={() => toggle(known.kind)}
              data-testid={`timeline-kind-${known.kind}`}
            />
            <span>{KIND_WORDS[known.kind][1]}</span>
            <span className={css.sub}>{countOf(known)}</span>
          </label>
        ))}
        <Button size="tiny" onClick={() => onChange({ ...value, kinds: [] })}>
          {t('All kinds')}
        </Button>
      </fieldset>
    </details>
  );
}

/** A kind that may not be viewed, or isn't here, has no number: none here is not none there. */
function countOf({ count, state }: KindKnowledge): string {
  if (state === 'not-permitted') return t('not permitted');
  if (state === 'not-kept' && count === 0) return t('not kept here');
  return state === 'not-fetched' && count === 0 ? t('not available') : number(count);
}
