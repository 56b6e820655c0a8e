import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import type { Result } from '../../../preload/contract/channel.ts';
import type { UpdateState } from '../../../preload/contract/updates.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import css from '../../app/frame.module.css';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { formatWhen } from '../../parts/dates.ts';
import { useNow } from '../../parts/useNow.ts';
import { rich } from '../../words/rich.tsx';
import { t } from '../../words/t.ts';
import { stageWords } from './updateWords.ts';
import { useUpdates } from './useUpdates.ts';

/** Whether a version that waits is to be told now: not over somebody's work, and not before the time that she has named. */
export function isOffered({ stage, offer, holds }: UpdateState, now: Date): boolean {
  if (offer === null || holds.length > 0 || (stage !== 'ready' && stage !== 'restart')) return false;
  return offer.putOffUntil === null || Date.parse(offer.putOffUntil) <= now.getTime();
}

/** Whether somebody has to hear that a version waits for her: it is due, and something of hers stands in its way. */
export function isWaitingFor({ stage, offer, holds: [hold] }: UpdateState, now: Date): boolean {
  if (offer === null || (stage !== 'ready' && stage !== 'agreed' && stage !== 'restart')) return false;
  const isDue = offer.isRequired || (offer.until !== null && Date.parse(offer.until) <= now.getTime());
  return isDue && (hold === 'unsaved' || hold === 'sending');
}

/** Offered on the list alone: whoever reads a chart has something else to do. */
export function UpdateBanner({ shown }: { readonly shown: boolean }) {
  const state = useUpdates();
  const now = useNow();
  if (!shown || !state?.offer) return null;
  if (isOffered(state, now)) return <Offer key={state.offer.version} state={state} offer={state.offer} now={now} />;
  if (!isWaitingFor(state, now)) return null;
  return (
    <section className={css.draftBanner} role="status" aria-label={t('A new version')} data-testid="update-waits">
      <IconDownload size={18} aria-hidden />
      <span>{stageWords(state)}</span>
    </section>
  );
}

interface OfferProps {
  readonly state: UpdateState;
  readonly offer: NonNullable<UpdateState['offer']>;
  readonly now: Date;
}

function Offer({ state: { stage }, offer: { version, until, isRequired }, now }: OfferProps) {
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const ask = (call: () => Promise<Result<unknown>>) => async () => {
    setBusy(true);
    setFailure(await codeOf(call()));
    setBusy(false);
  };
  const mayWait = until === null || Date.parse(until) > now.getTime();
  const name = { version: <strong>{version}</strong> };
  return (
    <section className={css.draftBanner} aria-label={t('A new version')} data-testid="update-banner">
      <IconDownload size={18} aria-hidden />
      <span role="status">
        {stage === 'restart'
          ? rich('IT has installed Wardlight {version}. Start Wardlight again to use it.', name)
          : rich('Wardlight {version} is here. To install it, Wardlight closes for a minute.', name)}{' '}
        {isRequired && t('Your organisation no longer wants the version that runs.')}{' '}
        {until !== null &&
          (mayWait
            ? t('It can wait until {when}.', { when: formatWhen(until, now) })
            : t('It can’t be put off any longer.'))}
      </span>
      <Button kind="main" busy={busy} onClick={ask(() => bridge().updates.installNow({}))} data-testid="update-now">
        {stage === 'restart' ? t('Start again now') : t('Install now')}
      </Button>
      {stage === 'ready' && (
        <Button onClick={ask(() => bridge().updates.agree({}))} data-testid="update-at-close">
          {t('When I close Wardlight')}
        </Button>
      )}
      {mayWait && (
        <Button onClick={ask(() => bridge().updates.putOff({}))} data-testid="update-later">
          {t('Tomorrow')}
        </Button>
      )}
      {failure && <FailureAlert code={failure} />}
    </section>
  );
}
