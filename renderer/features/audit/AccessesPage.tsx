import { useEffect, useRef } from 'react';
import { useShortcuts } from '../../app/keyboard.ts';
import { Button } from '../../parts/Button.tsx';
import { t } from '../../words/t.ts';
import AccessesView from './AccessesView.tsx';
import css from './audit.module.css';

interface Props {
  readonly patientId: string;
  readonly onBack: () => void;
}

/** Who has seen a chart, for those who may not open the chart itself. */
export default function AccessesPage({ patientId, onBack }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  useShortcuts({ Escape: onBack, 'alt+arrowleft': onBack });
  return (
    <section className={css.page} aria-labelledby="accesses-title" data-testid="accesses-page">
      <header className={css.head}>
        <Button onClick={onBack} title={t('Back (Esc)')} data-testid="back">
          {t('← Back')}
        </Button>
        <h1 id="accesses-title" ref={heading} tabIndex={-1}>
          {t('Who has seen this chart')}
        </h1>
      </header>
      <AccessesView patientId={patientId} named />
    </section>
  );
}
