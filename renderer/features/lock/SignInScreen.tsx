/** @jsxImportSource preact */
import type { TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import { bridge, codeOf } from '../../app/bridge.ts';
import { t } from '../../words/t.ts';
import { Field } from './Field.tsx';
import { LockButton } from './LockButton.tsx';
import css from './lock.module.css';
import { Problem } from './Problem.tsx';
import { ScreenCard } from './ScreenCard.tsx';

interface Props {
  readonly server: string;
  /** Others have a profile here already: there is something to go back to. */
  readonly hasProfiles: boolean;
  /** True while the system browser has the sign-in page. */
  readonly waiting: boolean;
}

/** Signed out, or waiting for the browser. One component for both, so that an error finds its field again. */
export function SignInScreen({ server, hasProfiles, waiting }: Props) {
  const [address, setAddress] = useState(server);
  const [problem, setProblem] = useState<string | null>(null);

  const signIn = async (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    setProblem(null);
    setProblem(await codeOf(bridge().session.signIn({ server: address.trim() })));
  };

  if (waiting) return <Waiting server={server} />;
  return (
    <ScreenCard title={t('Sign in')}>
      <p>{t("Your patients' records, on this workstation, readable without a network.")}</p>
      <form onSubmit={signIn} className={css.form}>
        <Field
          label={t('Server address')}
          description={t('The FHIR server of your hospital')}
          type="url"
          name="server"
          inputMode="url"
          autoComplete="off"
          value={address}
          onInput={(event) => setAddress(event.currentTarget.value)}
          data-testid="signin-server"
        />
        {problem && problem !== 'sign-in-cancelled' && <Problem code={problem} />}
        <LockButton kind="main" type="submit" data-testid="signin-submit">
          {t('Sign in')}
        </LockButton>
      </form>
      {hasProfiles && (
        <button type="button" className={css.other} onClick={back} data-testid="signin-back">
          {t('Back to the clinicians of this workstation')}
        </button>
      )}
    </ScreenCard>
  );
}

const back = () => void codeOf(bridge().session.switchClinician({}));

function Waiting({ server }: { readonly server: string }) {
  const cancel = () => codeOf(bridge().session.cancelSignIn({}));
  return (
    <ScreenCard title={t('Continue in your browser')}>
      <div role="status" className={css.text}>
        <p>
          {t('The sign-in page of your hospital is open in the browser. Wardlight goes on when you are done there.')}
        </p>
        <p className={css.address}>{server}</p>
      </div>
      <div className={css.actions}>
        <LockButton onClick={cancel} data-testid="signin-cancel">
          {t('Cancel')}
        </LockButton>
      </div>
    </ScreenCard>
  );
}
