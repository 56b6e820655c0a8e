import { useState } from 'react';
import { Button } from '../parts/Button.tsx';
import { formatTime } from '../parts/dates.ts';
import { t } from '../words/t.ts';
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
    <section className={css.signIn} aria-label={t('Sign-in needed')}>
      <span role="status">
        {busy
          ? t('Continue in your browser.')
          : failure
            ? `${errorWords(failure).title}. ${errorWords(failure).act}`
            : t('Your sign-in has ended. You can read what is stored here.')}
        {failure && <span className="wl-code"> {failure}</span>}
      </span>
      {busy ? (
        <Button onClick={cancel}>{t('Cancel')}</Button>
      ) : (
        <Button onClick={signIn}>{t('Sign in again to sync')}</Button>
      )}
    </section>
  );
}

/** The server has granted no sign-in that lasts: when it ends, before it does. */
export function SignInEnds({ at }: { readonly at: string }) {
  return (
    <section className={css.signIn} aria-label={t('End of the sign-in')} data-testid="sign-in-ends">
      <span role="status">
        {t(
          'Your server granted a sign-in that lasts until {time} only. Then syncing waits until you sign in again; reading goes on.',
          { time: formatTime(new Date(at)) },
        )}
      </span>
    </section>
  );
}
