import { type FormEvent, useId, useState } from 'react';
import { bridge, codeOf } from '../../app/bridge.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import fields from '../../parts/fields.module.css';
import { t } from '../../words/t.ts';
import css from './changes.module.css';

/** Beside a sync that was stopped by a reset: what IT can do about it once it has looked. */
export function AcceptServer({ server }: { readonly server: string }) {
  const [asking, setAsking] = useState(false);
  return (
    <section className={css.accept} aria-label={t('For IT')}>
      <p>
        <strong>{t('For IT.')}</strong>{' '}
        {t(
          'Once you know what has happened to the server, and that its records are the ones to work with from now on, accept it here.',
        )}
      </p>
      <Button onClick={() => setAsking(true)} data-testid="accept-server">
        {t('Accept this server…')}
      </Button>
      {asking && <AcceptDialog server={server} onClose={() => setAsking(false)} />}
    </section>
  );
}

/** Says what follows, and asks for the server's name by hand: nobody accepts a server in passing. */
function AcceptDialog({ server, onClose }: { readonly server: string; readonly onClose: () => void }) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const { host } = new URL(server);
  const isSame = typed.trim().toLowerCase() === host;
  const accept = async (event: FormEvent) => {
    event.preventDefault();
    if (!isSame || busy) return;
    setBusy(true);
    setFailure(null);
    const code = await codeOf(bridge().sync.acceptServer({ host: typed }));
    setBusy(false);
    // Accepted meanwhile is what was wanted.
    if (code === null || code === 'not-reset') onClose();
    else setFailure(code);
  };
  return (
    <Dialog title={t('Accept this server as it is now?')} onClose={onClose} testId="accept-dialog">
      <form className={fields.form} onSubmit={accept}>
        <ul className={css.consequences}>
          <li>{t('Nothing is deleted now, and nothing is sent now.')}</li>
          <li>
            {t(
              'All records of the clinician’s patients are fetched from the server again and compared with what is stored here. What is stored here stays readable meanwhile. A record that is here and not on the server is then asked for by itself, and removed here only if the server says that it has none.',
            )}
          </li>
          <li>
            {t(
              'Unsent changes are sent only after that. One whose record is no longer what the clinician saw is merged where that is safe, and otherwise becomes a conflict that a person decides.',
            )}
          </li>
          <li>{t('That you accepted the server is recorded.')}</li>
        </ul>
        <div className={fields.field}>
          <label htmlFor={id}>
            {t('Type the server’s name to confirm:')} <code>{host}</code>
          </label>
          <input
            id={id}
            className={fields.input}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoComplete="off"
            spellCheck={false}
            data-testid="accept-host"
          />
        </div>
        {failure && <FailureAlert code={failure} />}
        <DialogFoot>
          <Button onClick={onClose}>{t('Leave sync stopped')}</Button>
          <Button kind="danger" type="submit" busy={busy} disabled={!isSame} data-testid="accept-confirm">
            {t('Accept this server')}
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}
