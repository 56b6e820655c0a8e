import { type SubmitEvent, useEffect, useRef, useState } from 'react';
import type { Profile, SessionState } from '../../../preload/contract/session.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { Button } from '../../parts/Button.tsx';
import css from './lock.module.css';
import { PassphraseField } from './PassphraseField.tsx';
import { Problem } from './Problem.tsx';
import { ScreenCard } from './ScreenCard.tsx';

type Locked = Extract<SessionState, { phase: 'locked' }>;

const REASONS: Record<Locked['reason'], string> = {
  started: "Enter your passphrase to open your patients' records on this workstation.",
  asked: 'Wardlight is locked. Records and keys have left its memory.',
  'process-ended': 'Wardlight locked itself because the process that holds the records ended. Nothing was lost.',
};

interface Props {
  readonly profile: Profile;
  readonly reason: Locked['reason'];
  readonly problem: Locked['problem'];
  /** The next screen will be wanted soon. */
  readonly onTyping: () => void;
}

/** Locked: who, where, why, and the passphrase. */
export function UnlockScreen({ profile, reason, problem, onTyping }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const [passphrase, setPassphrase] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  // The wrong passphrase stays selected, so that typing replaces it.
  useEffect(() => {
    if (failure === null || busy) return;
    field.current?.focus();
    field.current?.select();
  }, [failure, busy]);

  const unlock = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setFailure(null);
    setFailure(await codeOf(bridge().session.unlock({ passphrase })));
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
          value={passphrase}
          onChange={(event) => {
            onTyping();
            setPassphrase(event.currentTarget.value);
          }}
          autoFocus
          data-testid="unlock-passphrase"
        />
        {shown && <Problem code={shown} testId="unlock-error" />}
        <Button kind="main" size="large" type="submit" busy={busy} data-testid="unlock-submit">
          Unlock
        </Button>
      </form>
    </ScreenCard>
  );
}
