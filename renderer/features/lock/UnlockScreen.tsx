/** @jsxImportSource preact */
import type { TargetedSubmitEvent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Profile, SessionState } from '../../../preload/contract/session.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
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
  'signed-in': 'You are signed in, and you have a profile on this workstation. Enter its passphrase to go on.',
  'process-ended': 'Wardlight locked itself because the process that holds the records ended. Nothing was lost.',
};

const switchClinician = () => void codeOf(bridge().session.switchClinician({}));

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
  return (
    <ScreenCard title={profile.display}>
      <p className={css.address}>{profile.server}</p>
      <p>{REASONS[reason]}</p>
      <form onSubmit={unlock} className={css.form}>
        <PassphraseField
          ref={field}
          label="Passphrase"
          autoComplete="current-password"
          data-testid="unlock-passphrase"
        />
        {shown && <Problem code={shown} testId="unlock-error" />}
        <LockButton kind="main" type="submit" busy={busy} data-testid="unlock-submit">
          Unlock
        </LockButton>
      </form>
      <button type="button" className={css.other} onClick={switchClinician} data-testid="switch-clinician">
        Another clinician
      </button>
    </ScreenCard>
  );
}
