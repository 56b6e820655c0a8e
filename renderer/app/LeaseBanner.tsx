import { IconClockExclamation } from '@tabler/icons-react';
import type { LeaseStatus } from '../../preload/contract/lock.ts';
import { formatWhen } from '../parts/dates.ts';
import { useNow } from '../parts/useNow.ts';
import { rich } from '../words/rich.tsx';
import { t } from '../words/t.ts';
import { bridge } from './bridge.ts';
import css from './frame.module.css';
import { useBridgeState } from './useBridgeState.ts';

const readLease = () => bridge().lock.lease({});
const onLease = (listener: (lease: LeaseStatus | null) => void) => bridge().lock.onLeaseChanged(listener);

/** Until when Wardlight opens without its server; null until main has said so. */
export function useLease(): LeaseStatus | null {
  return useBridgeState<LeaseStatus | null>(readLease, onLease);
}

/** Told in time, so that nobody stands before closed records. */
export function LeaseBanner() {
  const lease = useLease();
  const now = useNow();
  if (!lease?.isEnding) return null;
  return (
    <section className={css.signIn} aria-label={t('Time offline')} data-testid="lease-banner">
      <IconClockExclamation size={18} aria-hidden />
      <span role="status">
        {rich(
          'The server has not been reached for a while. Without it, Wardlight closes at {when}. Connect to the network before then.',
          { when: <strong>{formatWhen(lease.until, now)}</strong> },
        )}
      </span>
    </section>
  );
}
