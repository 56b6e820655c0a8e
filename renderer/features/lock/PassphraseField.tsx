/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import button from '../../parts/button.module.css';
import { t } from '../../words/t.ts';
import { Field, type FieldProps } from './Field.tsx';
import css from './lock.module.css';
import { PASSPHRASE_MAX } from './passphrase.ts';

/** Tabler's eye and eye-off (MIT), drawn here because its components are React's. */
const EYE = [
  'M10 12a2 2 0 1 0 4 0a2 2 0 0 0 -4 0',
  'M21 12c-2.4 4 -5.4 6 -9 6c-3.6 0 -6.6 -2 -9 -6c2.4 -4 5.4 -6 9 -6c3.6 0 6.6 2 9 6',
];
const EYE_OFF = [
  'M10.585 10.587a2 2 0 0 0 2.829 2.828',
  'M16.681 16.673a8.717 8.717 0 0 1 -4.681 1.327c-3.6 0 -6.6 -2 -9 -6c1.272 -2.12 2.712 -3.678 4.32 -4.674m2.86 -1.146a9.055 9.055 0 0 1 1.82 -.18c3.6 0 6.6 2 9 6c-.666 1.11 -1.379 2.067 -2.138 2.87',
  'M3 3l18 18',
];

/** A passphrase field whose show and hide button can be reached by keyboard. */
export function PassphraseField(props: FieldProps) {
  const [shown, setShown] = useState(false);
  return (
    <Field
      type={shown ? 'text' : 'password'}
      maxLength={PASSPHRASE_MAX}
      autoCapitalize="off"
      end={
        <button
          type="button"
          className={`${button.plain} ${css.eye}`}
          aria-label={t('Show the passphrase')}
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
        >
          <svg className={css.icon} viewBox="0 0 24 24" aria-hidden="true">
            {(shown ? EYE_OFF : EYE).map((path) => (
              <path key={path} d={path} />
            ))}
          </svg>
        </button>
      }
      {...props}
    />
  );
}
