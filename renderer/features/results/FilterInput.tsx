import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import type { KeyboardEvent } from 'react';
import { t } from '../../words/t.ts';

interface Props {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
}

/** Where a list of tests is narrowed by their names. */
export function FilterInput({ label, value, onValue, onKeyDown }: Props) {
  return (
    <TextInput
      size="xs"
      aria-label={label}
      placeholder={t('Filter')}
      leftSection={<IconSearch size={14} aria-hidden />}
      value={value}
      onChange={(event) => onValue(event.currentTarget.value)}
      {...(onKeyDown && { onKeyDown })}
    />
  );
}
