import { IconEye, IconEyeOff } from '@tabler/icons-react';
import { useState } from 'react';
import { PlainButton } from '../../parts/Button.tsx';
import { Field, type FieldProps } from './Field.tsx';
import css from './lock.module.css';
import { PASSPHRASE_MAX } from './passphrase.ts';

/** A passphrase field whose show and hide button can be reached by keyboard. */
export function PassphraseField(props: FieldProps) {
  const [shown, setShown] = useState(false);
  const Eye = shown ? IconEyeOff : IconEye;
  return (
    <Field
      type={shown ? 'text' : 'password'}
      maxLength={PASSPHRASE_MAX}
      autoCapitalize="off"
      end={
        <PlainButton
          className={css.eye}
          aria-label="Show the passphrase"
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
        >
          <Eye size={18} aria-hidden />
        </PlainButton>
      }
      {...props}
    />
  );
}
