/** @jsxImportSource preact */
import type { TargetedSubmitEvent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Profile, SessionState } from '../../../preload/contract/session.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { t } from '../../words/t.ts';
import { DestroyedScreen } from './DestroyedScreen.tsx';
import { LeaseSignIn } from './LeaseSignIn.tsx';
import { LockButton } from './LockButton.tsx';
import css from './lock.module.css';
import { OutboxAside } from './OutboxAside.tsx';
import { PassphraseField } from './PassphraseField.tsx';
import { Problem } from './Problem.tsx';
import { ScreenCard } from './ScreenCard.tsx';
import { attemptWords, useAttempts } from './useAttempts.ts';
import { useFirstFocus } from './useFirstFocus.ts';

type Locked = Extract<SessionState, { phase: 'locked' }>;

const REASONS: Record<Locked['reason'], string> = {
  started: t("Enter your passphrase to open your patients' records on this workstation."),
  asked: t('Wardlight is locked. The records are closed, and their keys have left its memory.'),
  'signed-in': t('You are signed in, and you have a profile on this workstation. Enter its passphrase to go on.'),
  idle: t('Wardlight locked itself because nobody was using it. The records are closed.'),
  system: t('Wardlight locked together with the screen of this workstation.'),
  suspend: t('Wardlight locked because the workstation went to sleep.'),
  'user-switch': t('Wardlight locked because someone else’s account was opened on this workstation.'),
  'lease-expired': t('Wardlight locked itself because its server was not reached for too long.'),
  'process-ended': t('Wardlight locked itself because the process that holds the records ended. Nothing was lost.'),
};

/** What the lease asks for. */
function leaseOf(problem: Locked['problem']): 'over' | 'sign-in' | null {
  if (problem === 'lease-sign-in') return 'sign-in';
  return problem?.startsWith('lease-') ? 'over' : null;
}

const switchClinician = () => void codeOf(bridge().session.switchClinician({}));

/** An unlock that takes longer is mostly the first of a new version, which brings the databases to its schema. */
const LATE_MS = 2_500;

function useLate(busy: boolean): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    if (!busy) return undefined;
    const timer = setTimeout(() => setLate(true), LATE_MS);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [busy]);
  return busy && isLate;
}

interface Props {
  readonly profile: Profile;
  readonly reason: Locked['reason'];
  readonly problem: Locked['problem'];
  /** The version that can open the profile. */
  readonly needs?: Locked['needs'];
}

/** Locked: who, where, why, and the passphrase. */
export function UnlockScreen(props: Props) {
  const { profile, problem } = props;
  if (problem === 'keys-destroyed' || problem === 'lease-destroyed') {
    return <DestroyedScreen profile={profile} code={problem} />;
  }
  return <PassphraseScreen {...props} />;
}

function PassphraseScreen({ profile, reason, problem, needs }: Props) {
  const field = useFirstFocus<HTMLInputElement>(true);
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const attempts = useAttempts();

  // The wrong passphrase stays selected, so that typing replaces it.
  useEffect(() => {
    if (failure === null || busy) return;
    field.current?.focus();
    field.current?.select();
  }, [field, failure, busy]);

  // Read from the field: what stands there when Enter is pressed is what is tried, and the page keeps no copy of it.
  const attempt = async (call: typeof UNLOCK) => {
    if (busy || attempts.waitSeconds > 0) return;
    setBusy(true);
    setFailure(null);
    setFailure(await codeOf(call({ passphrase: field.current?.value ?? '' })));
    await attempts.look();
    setBusy(false);
  };
  const unlock = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    void attempt(UNLOCK);
  };

  // That it was too soon is said by the wait itself.
  const said = failure === 'unlock-delayed' ? null : failure;
  const shown = said ?? (busy ? null : problem);
  const left = attemptWords(attempts);
  const lease = leaseOf(problem);
  const isLate = useLate(busy);
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
            label={t('Passphrase')}
            autoComplete="current-password"
            data-testid="unlock-passphrase"
          />
        )}
        {shown && <Problem code={shown} needs={needs} testId="unlock-error" />}
        {/* Told as it changes, but not every second. */}
        <p role="status" className={css.attempts} data-testid="unlock-attempts">
          {left}
        </p>
        {lease !== 'sign-in' && (
          <LockButton
            kind={attempts.waitSeconds > 0 ? 'default' : 'main'}
            type="submit"
            busy={busy}
            aria-disabled={attempts.waitSeconds > 0 || undefined}
            data-testid="unlock-submit"
          >
            {attempts.waitSeconds > 0 ? t('Wait {clock}', { clock: clock(attempts.waitSeconds) }) : t('Unlock')}
          </LockButton>
        )}
        {lease !== 'sign-in' && (
          <p role="status" className={css.wait} data-testid="unlock-wait">
            {busy && lease === 'over' && t('Asking the server…')}
            {isLate &&
              lease === null &&
              t(
                'Still opening. After an update your records are prepared for the new version, which can take a minute. Nothing is lost if the computer is turned off meanwhile.',
              )}
          </p>
        )}
        {(shown === 'outbox-damaged' || shown === 'outbox-missing') && (
          <OutboxAside missing={shown === 'outbox-missing'} busy={busy} onDecide={() => attempt(SET_ASIDE)} />
        )}
      </form>
      {lease === 'sign-in' && <LeaseSignIn server={profile.server} onSignedIn={() => setFailure(null)} />}
      <button type="button" className={css.other} onClick={switchClinician} data-testid="switch-clinician">
        {t('Another clinician')}
      </button>
    </ScreenCard>
  );
}

const UNLOCK = (request: { passphrase: string }) => bridge().session.unlock(request);
const SET_ASIDE = (request: { passphrase: string }) => bridge().session.setOutboxAside(request);

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
