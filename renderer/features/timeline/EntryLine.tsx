import {
  IconActivity,
  IconAlertTriangle,
  IconBed,
  IconCalendar,
  IconChecklist,
  IconClipboardText,
  IconFile,
  IconFlag,
  IconFlask,
  IconForms,
  IconHistory,
  IconLock,
  IconMapRoute,
  IconMedicalCross,
  IconPill,
  IconQuestionMark,
  IconStethoscope,
  IconSubtask,
  IconVaccine,
} from '@tabler/icons-react';
import { memo } from 'react';
import type { EntryKind, ShownValue, TimelineEntry } from '../../../preload/contract/timeline.ts';
import { shortName } from '../../parts/codeNames.ts';
import { orderWords } from '../../parts/codeWords.ts';
import { formatDateTime } from '../../parts/dates.ts';
import { FlagBadge } from '../../parts/FlagBadge.tsx';
import { Quantity } from '../../parts/Quantity.tsx';
import { itemWords } from '../../parts/said.ts';
import { UnsentBadge } from '../../parts/UnsentBadge.tsx';
import { t } from '../../words/t.ts';
import css from './timeline.module.css';
import { KIND_WORDS, withdrawnWords } from './timelineWords.ts';

const ICONS: Readonly<Record<EntryKind, typeof IconBed>> = {
  encounter: IconBed,
  note: IconClipboardText,
  result: IconFlask,
  vital: IconActivity,
  medication: IconPill,
  problem: IconStethoscope,
  allergy: IconAlertTriangle,
  immunisation: IconVaccine,
  procedure: IconMedicalCross,
  order: IconSubtask,
  document: IconFile,
  form: IconForms,
  alert: IconFlag,
  plan: IconMapRoute,
  appointment: IconCalendar,
  task: IconChecklist,
  history: IconHistory,
  other: IconQuestionMark,
};

interface Props {
  readonly id: string;
  /** Null while it is being read. */
  readonly entry: TimelineEntry | null;
  readonly index: number;
  readonly total: number;
  readonly chosen: boolean;
  /** Always the same function: a line that stays in sight is not drawn anew for each step of a scroll. */
  readonly onChoose: (index: number, entry: TimelineEntry) => void;
}

/** One entry on a line of a height that never changes: when, of what kind, what. */
export const EntryLine = memo(function EntryLine({ id, entry, index, total, chosen, onChoose }: Props) {
  if (!entry) {
    const label = t('Loading…');
    return <div className={css.line} role="option" aria-selected={false} aria-busy aria-label={label} tabIndex={-1} />;
  }
  const { kind, title, time, withdrawn, count, abnormal, values, masked, unsent } = entry;
  const Icon = ICONS[kind];
  const isSet = count > 1;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox handles the keys of its options
    // biome-ignore lint/a11y/useFocusableInteractive: the listbox has the focus and names its active option
    <div
      id={id}
      className={css.line}
      role="option"
      aria-selected={chosen}
      aria-setsize={total}
      aria-posinset={index + 1}
      data-testid="timeline-entry"
      data-kind={kind}
      data-withdrawn={withdrawn}
      onClick={() => onChoose(index, entry)}
    >
      <span className={css.time}>{formatDateTime(time)}</span>
      <span className={css.kind}>
        <Icon size={16} aria-hidden />
        {KIND_WORDS[kind][0]}
      </span>
      <span className={css.what}>
        <span className={withdrawn ? css.struck : css.title}>{isSet || values.length === 0 ? title : null}</span>
        {withdrawn && <strong className={css.wrong}> {withdrawnWords(entry)}</strong>}
        {values.map((value) => (
          <Value key={`${value.code} ${value.name} ${value.value}`} value={value} />
        ))}
        <Detail entry={entry} />
      </span>
      <span className={css.marks}>
        {masked && (
          <span className={css.masked} title={t('Something in it is encrypted')}>
            <IconLock size={13} aria-hidden /> {t('Encrypted')}
          </span>
        )}
        <UnsentBadge unsent={unsent} />
        {isSet && (
          <span className={css.sub}>
            {t('{count} records', { count })}
            {abnormal > 0 && t(', {abnormal} abnormal', { abnormal })}
          </span>
        )}
      </span>
    </div>
  );
});

function Value({ value: one }: { readonly value: ShownValue }) {
  return (
    <span className={css.value} title={one.name}>
      {shortName(one)} <Quantity value={one.masked ? t('Encrypted') : one.value} unit={one.unit} />{' '}
      <FlagBadge flag={one.flag} />
    </span>
  );
}

/** Words that a status adds nothing to, as nearly all records have them. */
const PLAIN = new Set(['final', 'current', 'completed', 'finished', 'unknown', 'entered-in-error', 'cancelled']);

function Detail({ entry: { type, details, status, values, withdrawn } }: { readonly entry: TimelineEntry }) {
  const shown = status !== null && !PLAIN.has(status) && !withdrawn && values.length === 0 ? status : null;
  const said = details.map((item) => itemWords(type, item));
  const words = [shown && orderWords(shown), ...said].filter(Boolean).join(' · ');
  return words === '' ? null : <span className={css.sub}> {words}</span>;
}
