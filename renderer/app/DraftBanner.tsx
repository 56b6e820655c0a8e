import { useEffect, useState } from 'react';
import type { DraftKey, DraftLine } from '../../preload/contract/drafts.ts';
import { Button } from '../parts/Button.tsx';
import { formatWhen } from '../parts/dates.ts';
import { formatName } from '../parts/names.ts';
import { t } from '../words/t.ts';
import { bridge } from './bridge.ts';
import css from './frame.module.css';

interface Props {
  /** On the way to a draft, or at work, it would only be in the way. */
  readonly shown: boolean;
  readonly onDraft: (draft: DraftKey) => void;
  /** Opens the list of them. */
  readonly onAll: () => void;
}

/** After the unlock: what somebody was writing when Wardlight was locked or closed, or died. */
export function DraftBanner({ shown, onDraft, onAll }: Props) {
  const [items, setItems] = useState<readonly DraftLine[]>([]);
  useEffect(() => {
    let live = true;
    const read = async () => {
      const answer = await bridge().drafts.list({});
      if (live && answer.ok) setItems(answer.value.items);
    };
    // The list of unsent work tells of it again.
    read().catch(() => undefined);
    return () => {
      live = false;
    };
  }, []);
  const [newest] = items;
  if (!newest || !shown) return null;
  const close = () => setItems([]);
  const go = (where: () => void) => () => {
    close();
    where();
  };
  return (
    <section className={css.draftBanner} aria-label={t('Drafts')} data-testid="draft-banner">
      <span role="status">
        {items.length === 1 ? (
          <>
            {t('Draft from {when}, not saved:', { when: formatWhen(newest.changedAt, new Date()) })}{' '}
            <strong>{newest.title}</strong>, <bdi>{formatName(newest.patient)}</bdi>
          </>
        ) : (
          t('{count} drafts are not saved.', { count: items.length })
        )}
      </span>
      <Button onClick={go(items.length === 1 ? () => onDraft(newest) : onAll)} data-testid="draft-banner-open">
        {items.length === 1 ? t('Open the draft') : t('Show them')}
      </Button>
      <Button onClick={close}>{t('Later')}</Button>
    </section>
  );
}
