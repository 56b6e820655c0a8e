import { IconBellRinging } from '@tabler/icons-react';
import { Button } from '../../parts/Button.tsx';
import { t } from '../../words/t.ts';
import css from './alarms-button.module.css';

interface Props {
  /** Null: may not be known. */
  readonly open: number | null;
  readonly onOpen: () => void;
}

/** In the header: how many alarms nobody has judged yet. Nothing at all for who may not see them. */
export function AlarmsButton({ open, onOpen }: Props) {
  if (open === null) return null;
  return (
    <Button
      onClick={onOpen}
      icon={<IconBellRinging size={16} aria-hidden />}
      title={t('Alarms of the record of access (A)')}
      aria-label={t('Alarms {open}: so many are open', { open })}
      data-testid="alarms-open"
    >
      {t('Alarms')}{' '}
      <span className={css.count} data-any={open > 0} data-testid="alarms-count">
        {open}
      </span>
    </Button>
  );
}
