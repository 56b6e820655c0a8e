import { IconAlertTriangle, IconArrowsSplit, IconCloudUp } from '@tabler/icons-react';
import type { Unsent } from '../../preload/contract/chart.ts';
import { t } from '../words/t.ts';
import css from './parts.module.css';

const LOOKS = {
  waiting: {
    Icon: IconCloudUp,
    words: t('Not yet sent'),
    tone: 'accent',
    title: t('Stored on this workstation; it goes to the server with the next sync'),
  },
  conflict: {
    Icon: IconArrowsSplit,
    words: t('Conflict'),
    tone: 'warn',
    title: t('The server has another version; somebody has to choose'),
  },
  parked: {
    Icon: IconAlertTriangle,
    words: t('Rejected'),
    tone: 'danger',
    title: t('The server did not take this change; it can be corrected and sent again'),
  },
} as const;

/** What the unsent change of a record waits for; nothing where the record is as the server has it. */
export function UnsentBadge({ unsent }: { readonly unsent: Unsent }) {
  if (unsent === null) return null;
  const { Icon, words, tone, title } = LOOKS[unsent];
  return (
    <span className={css.unsent} data-tone={tone} data-testid="unsent-badge" data-unsent={unsent} title={title}>
      <Icon size={13} aria-hidden />
      {words}
    </span>
  );
}
