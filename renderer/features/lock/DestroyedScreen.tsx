/** @jsxImportSource preact */
import type { Profile } from '../../../preload/contract/session.ts';
import { errorWords } from '../../app/errors.ts';
import { t } from '../../words/t.ts';
import css from './lock.module.css';
import { ScreenCard } from './ScreenCard.tsx';

interface Props {
  readonly profile: Profile;
  /** After the last wrong passphrase, or after too long without the server. */
  readonly code: 'keys-destroyed' | 'lease-destroyed';
}

/** Nothing opens this profile any more: no field, as typing would be in vain. */
export function DestroyedScreen({ profile, code }: Props) {
  const words = errorWords(code);
  return (
    <ScreenCard title={profile.display} testId="destroyed-screen">
      <p className={css.address}>{profile.server}</p>
      <div role="alert" className={css.text}>
        <p>
          <strong>{words.title}.</strong>
        </p>
        <p>{words.means}</p>
        <p>
          <strong>{t('What to do:')}</strong> {words.act}
        </p>
      </div>
      <p className="wl-code">{t('Code for IT: {code}', { code })}</p>
    </ScreenCard>
  );
}
