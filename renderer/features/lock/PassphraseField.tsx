import { PasswordInput, type PasswordInputProps } from '@mantine/core';
import { PASSPHRASE_MAX } from './passphrase.ts';

/** A passphrase field whose show and hide button can be reached by keyboard. */
export function PassphraseField(props: PasswordInputProps) {
  return (
    <PasswordInput
      size="sm"
      maxLength={PASSPHRASE_MAX}
      spellCheck={false}
      visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the passphrase', tabIndex: 0, 'aria-hidden': false }}
      {...props}
    />
  );
}
