import { useEffect, useState } from 'react';
import type { BinderScope } from '../../../preload/contract/downtime.ts';
import { createChunk } from '../../app/chunk.ts';
import { Late } from '../../app/Late.tsx';
import { Button } from '../../parts/Button.tsx';
import { t } from '../../words/t.ts';
import css from './downtime.module.css';
import { useDowntime } from './useDowntime.ts';

const dialog = createChunk(() => import('./DowntimeDialog.tsx'));

interface Props {
  readonly scope: BinderScope;
  readonly about: string;
  readonly now: Date;
}

/** Where sheets for a downtime are made and printed, in a chart and above the list. */
export function DowntimeButton({ scope, about, now }: Props) {
  const [open, setOpen] = useState(false);
  // In a downtime nothing may have to be fetched first, not even from this disk.
  useEffect(dialog.prefetch, []);
  const failed = useDowntime()?.failed ?? null;
  // Before the first sync there is nobody to make it of.
  const tell = scope.kind === 'list' && failed !== null && failed.code !== 'binder-empty';
  return (
    <>
      {tell && (
        <span role="status" className={css.warn} data-testid="downtime-not-made">
          {t('Last try failed')}
        </span>
      )}
      <Button onClick={() => setOpen(true)} data-testid="downtime-button">
        {scope.kind === 'patient' ? t('Print downtime sheet') : t('Downtime binder')}
      </Button>
      {open && <Late chunk={dialog} props={{ scope, about, now, onClose: () => setOpen(false) }} fallback={null} />}
    </>
  );
}
