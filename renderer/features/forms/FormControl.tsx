import type { FormItem, FormLine as Line } from '../../../preload/contract/forms.ts';
import fieldCss from '../../parts/fields.module.css';
import { t } from '../../words/t.ts';
import type { TypedAnswers } from './answers.ts';
import css from './forms.module.css';
import { YES_NO } from './formWords.ts';

interface Props {
  readonly id: string;
  readonly item: FormItem;
  readonly line: Line;
  readonly typed: TypedAnswers;
  readonly first: boolean;
  /** Ids of what is said of it. */
  readonly described: string;
  readonly wrong: boolean;
  readonly onTyped: (changes: TypedAnswers) => void;
  readonly onLeft: () => void;
}

/** Answers of which all are seen at once. */
const LISTED_MAX = 8;

/** Whether its answers are a list of buttons, which needs a name of its own. */
export function isListed({ kind, several, options }: FormItem): boolean {
  return kind === 'boolean' || (kind === 'choice' && (several || (options.length > 0 && options.length <= LISTED_MAX)));
}

/** By what a question is answered. */
export function FormControl(props: Props) {
  const { item, line, typed, onTyped } = props;
  const isList = isListed(item);
  return (
    <>
      {isList ? <Buttons {...props} /> : item.kind === 'choice' ? <Select {...props} /> : <Text {...props} />}
      {item.other && (
        <input
          className={fieldCss.input}
          value={typed[`other:${line.key}`] ?? ''}
          maxLength={item.longest}
          placeholder={t('Something else')}
          aria-label={t('Something else: {text}', { text: item.text })}
          onChange={(event) => {
            const other = { [`other:${line.key}`]: event.currentTarget.value };
            // Where only one answer is asked for, it is this one.
            onTyped(item.several || event.currentTarget.value === '' ? other : { ...other, [line.key]: '' });
          }}
          data-testid={`other-${line.key}`}
        />
      )}
    </>
  );
}

function Buttons({ item, line: { key }, typed, id, first, wrong, onTyped, onLeft }: Props) {
  const value = typed[key] ?? '';
  const chosen = value === '' ? [] : value.split(' ');
  const options = item.kind === 'boolean' ? YES_NO : item.options;
  const canClear = !item.several && !item.required;
  const choose = (option: string, isOn: boolean) => {
    const rest = item.several ? chosen.filter((one) => one !== option) : [];
    const next = isOn ? [...rest, option] : rest;
    // In the order of the form, whatever the order in which they were chosen.
    const sorted = options.flatMap((one) => (next.includes(one.key) ? [one.key] : []));
    onTyped({ [key]: sorted.join(' '), ...(!item.several && item.other && { [`other:${key}`]: '' }) });
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the focus leaves one of its buttons
    <div className={css.buttons} onBlur={onLeft}>
      {options.map((option, index) => (
        <label key={option.key}>
          <input
            type={item.several ? 'checkbox' : 'radio'}
            name={id}
            checked={chosen.includes(option.key)}
            {...(first && index === 0 && { autoFocus: true })}
            aria-invalid={wrong || undefined}
            onChange={(event) => choose(option.key, event.currentTarget.checked)}
            data-testid={`choice-${key}-${option.key}`}
          />
          <span dir="auto">{option.words}</span>
        </label>
      ))}
      {canClear && (
        <label>
          <input type="radio" name={id} checked={chosen.length === 0} onChange={() => choose('', false)} />
          <span className="wl-muted">{t('No answer')}</span>
        </label>
      )}
    </div>
  );
}

function look({ id, described, wrong, first, line }: Props) {
  return {
    id,
    autoFocus: first,
    'data-testid': `field-${line.key}`,
    ...(described !== '' && { 'aria-describedby': described }),
    ...(wrong && { 'aria-invalid': true }),
  };
}

function Select(props: Props) {
  const { item, line, typed, onTyped, onLeft } = props;
  const set = (value: string) =>
    onTyped({ [line.key]: value, ...(item.other && value !== '' && { [`other:${line.key}`]: '' }) });
  return (
    <select
      {...look(props)}
      className={fieldCss.input}
      value={typed[line.key] ?? ''}
      onChange={(event) => set(event.currentTarget.value)}
      onBlur={onLeft}
    >
      <option value="">{t('No answer')}</option>
      {item.options.map(({ key, words }) => (
        <option key={key} value={key}>
          {words}
        </option>
      ))}
    </select>
  );
}

function Text(props: Props) {
  const { item, line, typed, onTyped, onLeft } = props;
  const { kind, units, longest } = item;
  const shared = { ...look(props), value: typed[line.key] ?? '', maxLength: longest, onBlur: onLeft };
  const set = (value: string) => onTyped({ [line.key]: value });
  if (kind === 'text')
    return (
      <textarea
        {...shared}
        className={`${fieldCss.input} ${css.area}`}
        rows={3}
        dir="auto"
        onChange={(event) => set(event.currentTarget.value)}
      />
    );
  const isNumber = kind === 'decimal' || kind === 'integer' || kind === 'quantity';
  return (
    <span className={isNumber ? css.number : css.line}>
      <input
        {...shared}
        className={fieldCss.input}
        inputMode={isNumber ? 'decimal' : 'text'}
        autoComplete="off"
        spellCheck={kind === 'string'}
        dir={isNumber ? 'ltr' : 'auto'}
        onChange={(event) => set(event.currentTarget.value)}
      />
      {units.length === 1 && <span dir="auto">{units[0]}</span>}
      {units.length > 1 && (
        <select
          className={fieldCss.input}
          value={typed[`unit:${line.key}`] ?? '0'}
          aria-label={t('Unit: {text}', { text: item.text })}
          onChange={(event) => onTyped({ [`unit:${line.key}`]: event.currentTarget.value })}
        >
          {units.map((unit, index) => (
            <option key={unit} value={index}>
              {unit}
            </option>
          ))}
        </select>
      )}
    </span>
  );
}
