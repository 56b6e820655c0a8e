import type { FormFault, FormItem, FormLine as Line } from '../../../preload/contract/forms.ts';
import fieldCss from '../../parts/fields.module.css';
import { t } from '../../words/t.ts';
import type { TypedAnswers } from './answers.ts';
import { FormControl, isListed } from './FormControl.tsx';
import css from './forms.module.css';
import { answerWords, CANNOT, faultWords, HINTS, UNKNOWN } from './formWords.ts';

interface Props {
  /** Of the form. */
  readonly id: string;
  readonly item: FormItem;
  readonly line: Extract<Line, { kind: 'item' }>;
  readonly typed: TypedAnswers;
  readonly first: boolean;
  /** What is wrong, where it is to be told. */
  readonly fault: FormFault | null;
  /** Something in the form is missing or wrong: what is worked out is of what there is. */
  readonly soFar: boolean;
  /** Where an answer comes from that nobody typed. */
  readonly source: string | null;
  readonly onTyped: (changes: TypedAnswers) => void;
  readonly onLeft: () => void;
}

/** The id of a line. Keys hold whatever a form calls its questions. */
export function lineId(id: string, key: string): string {
  return `${id}-${encodeURIComponent(key)}`;
}

/** One line of a form: a heading, a text, or a question with its answer and what is to be said of it. */
export function FormLine(props: Props) {
  const { id, item, line, fault } = props;
  const own = lineId(id, line.key);
  const level = Math.min(item.depth, 5);
  if (item.kind === 'display' && !item.cannot)
    return (
      <p id={own} className={css.text} data-level={level} dir="auto" data-testid={`line-${line.key}`}>
        {item.text}
      </p>
    );
  if (item.kind === 'group')
    return (
      <div id={own} className={css.group} data-level={level} tabIndex={-1} data-testid={`line-${line.key}`}>
        <h4 dir="auto">{line.row === null ? item.text : t('{text} {row}', { text: item.text, row: line.row })}</h4>
        {fault && <p className={fieldCss.wrong}>{faultWords(fault)}</p>}
      </div>
    );
  return <Question {...props} own={own} level={level} />;
}

function Question({ own, level, ...props }: Props & { readonly own: string; readonly level: number }) {
  const { item, line, typed, fault, soFar, source, first, onTyped, onLeft } = props;
  const isLocked = item.locked !== null && !line.open;
  const label = (
    <>
      <span dir="auto">
        {line.row !== null && line.row > 1 ? t('{text} {row}', { text: item.text, row: line.row }) : item.text}
      </span>
      {!item.required && !item.locked && <small> {t('optional')}</small>}
    </>
  );
  const notes = [item.hint ?? (isLocked ? null : HINTS[item.kind]), source, ...doubtsOf(line), line.warning].filter(
    (one) => one !== null && one !== undefined,
  );
  const described = [...notes.map((_, index) => `${own}-note-${index}`), ...(fault ? [`${own}-fault`] : [])];
  const about = (
    <>
      {notes.map((note, index) => (
        <p key={note} id={`${own}-note-${index}`} className={css.note} dir="auto">
          {note}
        </p>
      ))}
    </>
  );
  // Above the answer: who is led to it by the focus has it in sight.
  const wrong = fault && (
    <p id={`${own}-fault`} className={fieldCss.wrong} data-testid={`fault-${line.key}`} dir="auto">
      {faultWords(fault)}
    </p>
  );
  const shared = { id: own, className: css.question, 'data-level': level, 'data-testid': `line-${line.key}` } as const;
  if (item.cannot)
    return (
      <div {...shared} tabIndex={-1}>
        <p className={css.label}>{label}</p>
        {wrong}
        <p className={css.cannot}>{CANNOT[item.cannot]}</p>
        {about}
      </div>
    );
  if (isLocked)
    return (
      <div {...shared} tabIndex={-1}>
        <p className={css.label}>{label}</p>
        {wrong}
        <output className={css.output} data-testid={`value-${line.key}`}>
          {lockedWords(item, line, typed, soFar)}
        </output>
        {about}
      </div>
    );
  const control = {
    item,
    line,
    typed,
    first,
    onTyped,
    onLeft,
    id: `${own}-field`,
    described: described.join(' '),
    wrong: fault !== null,
  };
  if (isListed(item))
    return (
      <fieldset {...shared} aria-describedby={described.join(' ') || undefined}>
        <legend className={css.label}>{label}</legend>
        {wrong}
        <FormControl {...control} />
        {about}
      </fieldset>
    );
  return (
    <div {...shared}>
      <label className={css.label} htmlFor={control.id}>
        {label}
      </label>
      {wrong}
      <FormControl {...control} />
      {about}
    </div>
  );
}

/** What isn't known of a line, so that nobody reads a gap as an answer. */
function doubtsOf({ unknown, open, doubtful, unchecked }: Props['line']): (string | null)[] {
  return [
    doubtful
      ? t('Whether this has to be answered follows from something that is not known. Answer it where it applies.')
      : null,
    unknown ? UNKNOWN[unknown] : null,
    open ? t('The form would say this by itself and can’t: give it yourself.') : null,
    unchecked === null ? null : t('Not checked, as something is not known: {unchecked}', { unchecked }),
  ];
}

/** What is worked out of a form that isn't complete must not read as its result. */
function lockedWords(
  item: FormItem,
  { key, value, unknown }: Props['line'],
  typed: TypedAnswers,
  soFar: boolean,
): string {
  if (item.locked === 'given') return answerWords(item, key, typed) || t('Not known');
  if (!value) return unknown ? t('Not known') : t('Not worked out yet');
  const words = item.units[0] ? `${value} ${item.units[0]}` : value;
  return soFar ? t('{value} so far', { value: words }) : words;
}
