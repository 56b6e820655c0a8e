import type { FormState, FormLine as Line, OpenForm } from '../../../preload/contract/forms.ts';
import { Button } from '../../parts/Button.tsx';
import { formatDateTime } from '../../parts/dates.ts';
import { t } from '../../words/t.ts';
import type { TypedAnswers } from './answers.ts';
import { FormLine } from './FormLine.tsx';
import css from './forms.module.css';

interface Props {
  readonly id: string;
  readonly form: OpenForm;
  readonly state: FormState;
  readonly typed: TypedAnswers;
  /** Whether what is wrong with a line is told: not while it is being typed. */
  readonly showsFault: (key: string) => boolean;
  readonly onTyped: (changes: TypedAnswers) => void;
  readonly onLeft: (key: string) => void;
}

/** All that a form asks as things stand. */
export function FormLines({ id, form, state, typed, showsFault, onTyped, onLeft }: Props) {
  const { items, prefilled, answers } = form;
  const isComplete = state.faults.length === 0 && state.lines.every((line) => line.kind === 'rows' || !line.fault);
  const first = state.lines.find((line) => line.kind === 'item' && isTyped(items[line.item], line.open));
  return (
    <div className={css.lines}>
      {state.lines.map((line) => {
        const item = items[line.item];
        if (!item) return null;
        if (line.kind === 'rows') return <Rows key={line.key} line={line} text={item.text} onTyped={onTyped} />;
        const filled = prefilled.find(({ key }) => key === line.key);
        const isAsFilled = filled && typed[line.key] === answers[line.key];
        return (
          <FormLine
            key={line.key}
            id={id}
            item={item}
            line={line}
            typed={typed}
            first={line === first}
            fault={showsFault(line.key) ? line.fault : null}
            soFar={!isComplete}
            source={isAsFilled ? sourceWords(filled.at) : null}
            onTyped={onTyped}
            onLeft={() => onLeft(line.key)}
          />
        );
      })}
    </div>
  );
}

function isTyped(item: OpenForm['items'][number] | undefined, isOpen: boolean): boolean {
  if (item === undefined || item.kind === 'group' || item.kind === 'display' || item.cannot) return false;
  return item.locked === null || isOpen;
}

/** Where an answer comes from that nobody has typed. With its day, whatever day it is when it is read. */
function sourceWords(at: string | null): string {
  return at ? t('From the record, {when}', { when: formatDateTime(at) }) : t('From the record');
}

interface RowsProps extends Pick<Props, 'onTyped'> {
  readonly line: Extract<Line, { kind: 'rows' }>;
  readonly text: string;
}

/** One more row, or the last one less. */
function Rows({ line: { key, count, more, less }, text, onTyped }: RowsProps) {
  return (
    <div className={css.rows}>
      {more && (
        <Button
          size="tiny"
          onClick={() => onTyped({ [key]: String(count + 1) })}
          aria-label={t('One more: {text}', { text })}
          data-testid={`more-${key}`}
        >
          {t('One more')}
        </Button>
      )}
      {less && (
        <Button
          size="tiny"
          onClick={() => onTyped({ [key]: String(count - 1) })}
          aria-label={t('Take the last away: {text}', { text })}
          data-testid={`less-${key}`}
        >
          {t('Take the last away')}
        </Button>
      )}
    </div>
  );
}
