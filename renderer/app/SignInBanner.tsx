import { useState } from 'react';
import { Button } from '../parts/Button.tsx';
import { formatTime } from '../parts/dates.ts';
import { bridge, codeOf } from './bridge.ts';
import { errorWords } from './errors.ts';
import css from './frame.module.css';

/** The sign-in at the server has ended: reading goes on, syncing waits. */
export function SignInBanner({ server }: { readonly server: string }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  const signIn = async () => {
    setBusy(true);
    setFailure(null);
    setFailure(await codeOf(bridge().session.signIn({ server })));
    setBusy(false);
  };
  const cancel = () => codeOf(bridge().session.cancelSignIn({}));

  return (
    <section className={css.signIn} aria-label="Sign-in needed">
      <span role="status">
        {busy
          ? 'Continue in your browser.'
          : failure
            ? `${errorWords(failure).title}. ${errorWords(failure).act}`
            : 'Your sign-in has ended. You can read what is stored here.'}
        {failure && <span className="wl-code"> {failure}</span>}
      </span>
      {busy ? <Button onClick={cancel}>Cancel</Button> : <Button onClick={signIn}>Sign in again to sync</Button>}
    </section>
  );
}

/** The server has granted no sign-in that lasts: when it ends, before it does. */
export function SignInEnds({ at }: { readonly at: string }) {
  return (
    <section className={css.signIn} aria-label="End of the sign-in" data-testid="sign-in-ends">
      <span role="status">
        Your server granted a sign-in that lasts until {formatTime(new Date(at))} only. Then syncing waits until you
        sign in again; reading goes on.
      </span>
    </section>
  );
}
