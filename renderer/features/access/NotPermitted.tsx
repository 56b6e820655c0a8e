import { useEffect, useState } from 'react';
import { bridge } from '../../app/bridge.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { t } from '../../words/t.ts';
import css from './access.module.css';
import { EmergencyDialog } from './EmergencyDialog.tsx';

interface Props {
  readonly patientId: string;
  readonly onRetry: () => void;
}

/** In place of a chart that may not be seen: why, and what an emergency allows. */
export function NotPermitted({ patientId, onRetry }: Props) {
  const [offered, setOffered] = useState(false);
  const [asking, setAsking] = useState(false);
  useEffect(() => {
    let live = true;
    const ask = async () => {
      const answer = await bridge().access.mayDeclare({});
      if (live) setOffered(answer.ok && answer.value.emergency);
    };
    // A bridge that breaks offers nothing.
    ask().catch(() => undefined);
    return () => {
      live = false;
    };
  }, []);
  return (
    <>
      <ErrorState code="not-permitted" heading="h1" onRetry={onRetry} />
      {offered && (
        <section className={css.offer} aria-labelledby="emergency-title" data-testid="emergency-offer">
          <h2 id="emergency-title">{t('In an emergency')}</h2>
          <p>
            {t(
              'If this patient needs you now, you can override this for a limited time. You give a reason and your passphrase, and it is reported.',
            )}
          </p>
          <Button kind="danger" onClick={() => setAsking(true)} data-testid="emergency-open">
            {t('Emergency access…')}
          </Button>
        </section>
      )}
      {asking && <EmergencyDialog patientId={patientId} onClose={() => setAsking(false)} />}
    </>
  );
}
