/** @jsxImportSource preact */
import type { TargetedSubmitEvent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Profile, SessionState } from '../../../preload/contract/session.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { errorWords } from '../../app/errors.ts';
import { LeaseSignIn } from './LeaseSignIn.tsx';
import { LockButton } from './LockButton.tsx';
import css from './lock.module.css';
import { PassphraseField } from './PassphraseField.tsx';
import { Problem } from './Problem.tsx';
import { ScreenCard } from './ScreenCard.tsx';
import { useFirstFocus } from './useFirstFocus.ts';

type Locked = Extract<SessionState, { phase: 'locked' }>;

const REASONS: Record<Locked['reason'], string> = {
  started: "Enter your passphrase to open your patients' records on this workstation.",
  asked: 'Wardlight is locked. Records and keys have left its memory.',
  idle: 'Wardlight locked itself because nobody was using it. Records and keys have left its memory.',
  system: 'Wardlight locked together with the screen of this workstation.',
  suspend: 'Wardlight locked because the workstation went to sleep.',
  'user-switch': 'Wardlight locked because someone else’s account was opened on this workstation.',
  'lease-expired': 'Wardlight locked itself because its server was not reached for too long.',
  'process-ended': 'Wardlight locked itself because the process that holds the records ended. Nothing was lost.',
};

/** What the lease asks for. */
function leaseOf(problem: Locked['problem']): 'over' | 'sign-in' | 'destroyed' | null {
  if (problem === 'lease-destroyed') return 'destroyed';
  if (problem === 'lease-sign-in') return 'sign-in';
  return problem?.startsWith('lease-') ? 'over' : null;
}

interface Props {
  readonly profile: Profile;
  readonly reason: Locked['reason'];
  readonly problem: Locked['problem'];
}

/** Locked: who, where, why, and the passphrase. */
export function UnlockScreen({ profile, reason, problem }: Props) {
  const field = useFirstFocus<HTMLInputElement>(true);
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  // The wrong passphrase stays selected, so that typing replaces it.
  useEffect(() => {
    if (failure === null || busy) return;
    field.current?.focus();
    field.current?.select();
  }, [field, failure, busy]);

  // Read from the field: what stands there when Enter is pressed is what is tried, and the page keeps no copy of it.
  const unlock = async (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setFailure(null);
    setFailure(await codeOf(bridge().session.unlock({ passphrase: field.current?.value ?? '' })));
    setBusy(false);
  };

  const shown = failure ?? (busy ? null : problem);
  const lease = leaseOf(problem);
  if (lease === 'destroyed') return <DestroyedScreen profile={profile} />;
  return (
    <ScreenCard title={profile.display}>
      <p className={css.address}>{profile.server}</p>
      <p data-testid="lock-reason" data-reason={reason}>
        {REASONS[reason]}
      </p>
      <form onSubmit={unlock} className={css.form}>
        {lease !== 'sign-in' && (
          <PassphraseField
            ref={field}
            label="Passphrase"
            autoComplete="current-password"
            data-testid="unlock-passphrase"
          />
        )}
        {shown && <Problem code={shown} testId="unlock-error" />}
        {lease !== 'sign-in' && (
          <LockButton kind="main" type="submit" busy={busy} data-testid="unlock-submit">
            Unlock
          </LockButton>
        )}
        {lease === 'over' && (
          <p role="status" className="wl-muted">
            {busy ? 'Asking the server…' : ''}
          </p>
        )}
      </form>
      {lease === 'sign-in' && <LeaseSignIn server={profile.server} onSignedIn={() => setFailure(null)} />}
    </ScreenCard>
  );
}

/** There is nothing left that a passphrase could open. */
function DestroyedScreen({ profile }: { readonly profile: Profile }) {
  const words = errorWords('lease-destroyed');
  return (
    <ScreenCard title={words.title} testId="lease-destroyed">
      <p className={css.address}>
        {profile.display}, {profile.server}
      </p>
      <p>{words.means}</p>
      <p>
        <strong>What to do:</strong> {words.act}
      </p>
      <p className="wl-code">Code for IT: lease-destroyed</p>
    </ScreenCard>
  );
}
