/** @jsxImportSource preact */
import type { ComponentChildren, InputHTMLAttributes } from 'preact';
import { useId } from 'preact/hooks';
import css from './lock.module.css';

export interface FieldProps extends Omit<InputHTMLAttributes, 'type' | 'role' | 'list'> {
  readonly type?: 'text' | 'password' | 'url';
  readonly label: string;
  readonly description?: string;
  readonly error?: string | null;
  /** A button inside the field, at its end. */
  readonly end?: ComponentChildren;
}

/** A labelled field; its description and its error are read with it. */
export function Field({ label, description, error = null, end, type = 'text', ...input }: FieldProps) {
  const id = useId();
  const said = [description ? `${id}-description` : null, error ? `${id}-error` : null].filter(Boolean).join(' ');
  return (
    <div className={css.field}>
      <label htmlFor={id}>{label}</label>
      {description && (
        <p id={`${id}-description`} className={css.hint}>
          {description}
        </p>
      )}
      <div className={css.box}>
        <input
          id={id}
          // The types tell roles apart by the type; a field here has none.
          type={type as 'text'}
          className={css.input}
          spellcheck={false}
          aria-describedby={said || undefined}
          aria-invalid={error ? true : undefined}
          data-end={end !== undefined || undefined}
          {...input}
        />
        {end}
      </div>
      {error && (
        <p id={`${id}-error`} className={css.fieldError} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
