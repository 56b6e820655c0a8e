import { Button } from '../../parts/Button.tsx';
import fieldCss from '../../parts/fields.module.css';
import { t } from '../../words/t.ts';
import css from './charting.module.css';
import type { Faults, Field, Typed } from './formTypes.ts';
import { codingOf } from './reading.ts';
import { SuggestField } from './SuggestField.tsx';

interface Props {
  readonly id: string;
  readonly fields: readonly Field[];
  readonly typed: Typed;
  readonly faults: Faults;
  readonly onTyped: (changes: Typed) => void;
}

/** The id of a field of a form. */
export function fieldId(id: string, name: string): string {
  return `${id}-${name}`;
}

/** The fields of a form, each with its label, its hint and what is wrong with it. */
export function FormFields({ id, fields, typed, faults, onTyped }: Props) {
  return (
    <div className={css.fields}>
      {fields.map((field, index) =>
        field.kind === 'more' ? (
          <More key={field.name} field={field} typed={typed} onTyped={onTyped} />
        ) : (
          <OneField
            key={field.name}
            id={fieldId(id, field.name)}
            field={field}
            typed={typed}
            fault={faults[field.name]}
            onTyped={onTyped}
            first={index === 0}
          />
        ),
      )}
    </div>
  );
}

interface OneProps extends Pick<Props, 'typed' | 'onTyped'> {
  readonly id: string;
  readonly field: Exclude<Field, { kind: 'more' }>;
  readonly fault: string | undefined;
  readonly first: boolean;
}

function OneField({ id, field, typed, fault, onTyped, first }: OneProps) {
  const { label, hint, part } = field;
  const coding = field.kind === 'named' ? codingOf(typed, field.name) : null;
  const said = coding ? t('Coded: {display}', { display: coding.display }) : hint;
  const described = [said && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ');
  const look = {
    id,
    'data-testid': `field-${field.name}`,
    autoFocus: first,
    ...(described && { 'aria-describedby': described }),
    ...(fault && { 'aria-invalid': true }),
  };
  const about = (
    <>
      {said && (
        <p id={`${id}-hint`} className={css.hint}>
          {said}
        </p>
      )}
      {fault && (
        <p id={`${id}-fault`} className={fieldCss.wrong} data-testid={`fault-${field.name}`}>
          {fault}
        </p>
      )}
    </>
  );
  if (field.kind === 'checks')
    return (
      <fieldset className={css.field} data-part={part}>
        <legend>{label}</legend>
        <Checks field={field} typed={typed} onTyped={onTyped} />
        {about}
      </fieldset>
    );
  return (
    <div className={css.field} data-part={part}>
      <label htmlFor={id}>{label}</label>
      <Control field={field} typed={typed} onTyped={onTyped} look={look} />
      {about}
    </div>
  );
}

interface ControlProps extends Pick<Props, 'typed' | 'onTyped'> {
  readonly field: Exclude<Field, { kind: 'more' | 'checks' }>;
  readonly look: Readonly<Record<string, unknown>> & { readonly id: string };
}

function Control({ field, typed, onTyped, look }: ControlProps) {
  const value = typed[field.name] ?? '';
  const set = (next: string) => onTyped({ [field.name]: next });
  if (field.kind === 'named') return <SuggestField field={field} typed={typed} onTyped={onTyped} look={look} />;
  if (field.kind === 'choice')
    return (
      <select {...look} className={fieldCss.input} value={value} onChange={(event) => set(event.currentTarget.value)}>
        {field.options.map(([option, words]) => (
          <option key={option} value={option}>
            {words}
          </option>
        ))}
      </select>
    );
  if (field.kind === 'area')
    return (
      <textarea
        {...look}
        className={`${fieldCss.input} ${css.area}`}
        rows={2}
        maxLength={field.longest}
        value={value}
        onChange={(event) => set(event.currentTarget.value)}
      />
    );
  return (
    <input
      {...look}
      className={fieldCss.input}
      inputMode={field.kind === 'number' ? 'decimal' : 'text'}
      autoComplete="off"
      spellCheck={field.kind === 'text'}
      maxLength={field.longest}
      value={value}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
}

interface ChecksProps extends Pick<Props, 'typed' | 'onTyped'> {
  readonly field: Extract<Field, { kind: 'checks' }>;
}

function Checks({ field: { name, options }, typed, onTyped }: ChecksProps) {
  return (
    <div className={css.checks}>
      {options.map(([value, words]) => (
        <label key={value}>
          <input
            type="checkbox"
            checked={typed[`${name}.${value}`] === 'yes'}
            onChange={(event) => onTyped({ [`${name}.${value}`]: event.currentTarget.checked ? 'yes' : '' })}
            data-testid={`field-${name}-${value}`}
          />
          {words}
        </label>
      ))}
    </div>
  );
}

interface MoreProps extends Pick<Props, 'typed' | 'onTyped'> {
  readonly field: Extract<Field, { kind: 'more' }>;
}

/** One more row of what there may be several of. */
function More({ field: { name, label, count }, typed, onTyped }: MoreProps) {
  const now = Number(typed[name]) || 1;
  return (
    <div className={css.field}>
      <Button
        size="tiny"
        disabled={now >= count}
        onClick={() => onTyped({ [name]: String(now + 1) })}
        data-testid={`more-${name}`}
      >
        {label}
      </Button>
    </div>
  );
}
