/** @jsxImportSource preact */
import type { TargetedSubmitEvent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Strength } from '../../../preload/contract/session.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { createStrengthWatch, strengthWords } from '../../parts/strength.ts';
import { t } from '../../words/t.ts';
import { LockButton } from './LockButton.tsx';
import css from './lock.module.css';
import { PassphraseField } from './PassphraseField.tsx';
import { Problem } from './Problem.tsx';
import { passphraseProblem } from './passphrase.ts';
import { ScreenCard } from './ScreenCard.tsx';
import { StrengthMeter } from './StrengthMeter.tsx';
import { useFirstFocus } from './useFirstFocus.ts';

interface Props {
  readonly display: string;
  readonly server: string;
}

/** After the first sign-in: the clinician chooses the passphrase that opens the records on this workstation. */
export function EnrolScreen({ display, server }: Props) {
  const field = useFirstFocus<HTMLInputElement>(true);
  const [passphrase, setPassphrase] = useState('');
  const strength = useStrength(passphrase);
  const [repeat, setRepeat] = useState('');
  const [mismatch, setMismatch] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const enrol = async (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const wrong = passphraseProblem(passphrase, repeat);
    setMismatch(wrong);
    if (wrong !== null || busy) return;
    setBusy(true);
    setFailure(null);
    setFailure(await codeOf(bridge().session.enrol({ passphrase })));
    setBusy(false);
  };

  return (
    <ScreenCard title={t('Welcome, {display}', { display })}>
      <p className={css.address}>{server}</p>
      <p>
        {t('Choose a passphrase. Wardlight asks for it at each unlock on this workstation. ')}
        <strong>{t('Nobody can recover it.')}</strong>
      </p>
      <form onSubmit={enrol} className={css.form}>
        <PassphraseField
          label={t('Passphrase')}
          description={strengthWords(strength, passphrase)}
          autoComplete="new-password"
          value={passphrase}
          onInput={(event) => {
            setPassphrase(event.currentTarget.value);
            // What was said of another passphrase.
            setFailure(null);
          }}
          ref={field}
          data-testid="enrol-passphrase"
        />
        <StrengthMeter strength={passphrase === '' ? null : strength} />
        <PassphraseField
          label={t('Passphrase again')}
          autoComplete="new-password"
          value={repeat}
          onInput={(event) => setRepeat(event.currentTarget.value)}
          error={mismatch}
          data-testid="enrol-repeat"
        />
        {failure && <Problem code={failure} />}
        <LockButton kind="main" type="submit" busy={busy} data-testid="enrol-submit">
          {t('Create')}
        </LockButton>
        <p role="status" className="wl-muted">
          {busy ? t('Making your keys…') : ''}
        </p>
      </form>
    </ScreenCard>
  );
}

/** Follows what is typed; null until main has answered for the first time. */
function useStrength(passphrase: string): Strength | null {
  const [strength, setStrength] = useState<Strength | null>(null);
  const [watch] = useState(() => createStrengthWatch(setStrength));
  useEffect(() => watch.typed(passphrase), [watch, passphrase]);
  useEffect(() => watch.end, [watch]);
  return strength;
}
