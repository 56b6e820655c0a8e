/** @jsxImportSource preact */
import { useState } from 'preact/hooks';
import type { SessionState } from '../../../preload/contract/session.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { t } from '../../words/t.ts';
import { LockButton } from './LockButton.tsx';
import css from './lock.module.css';
import { Problem } from './Problem.tsx';
import { ScreenCard } from './ScreenCard.tsx';

type Wiped = Extract<SessionState, { phase: 'wiped' }>;

const UNSENT: Record<Wiped['profiles'][number]['unsent'], string> = {
  kept: t(
    'Work that was not sent is sealed on this workstation for your organisation’s recovery key. IT can recover it.',
  ),
  removed: t('If something was not sent yet, it is gone. Write down what you still remember of it, and tell the ward.'),
};

interface Props {
  readonly profiles: Wiped['profiles'];
  readonly problem: Wiped['problem'];
}

/** The hospital has told this workstation to erase itself: what is gone, what is not, and what to do. */
export function WipedScreen({ profiles, problem }: Props) {
  const [busy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    await codeOf(problem ? bridge().session.retryKeyring({}) : bridge().session.dismissWipe({}));
    setBusy(false);
  };
  return (
    <ScreenCard title={problem ? t('Erasing is not finished') : t('Erased by your hospital')} testId="wiped-screen">
      <div role="status" className={css.text}>
        <p>
          {t('Your hospital has told this workstation to erase what it keeps. {problem}', {
            problem: problem
              ? t('A part of that could not be done yet. Nothing of it can be opened meanwhile.')
              : t(
                  'The keys were destroyed, and with them all records here. The records on the server are untouched, and so is the record of who opened what.',
                ),
          })}
        </p>
        {profiles.map(({ display, server, unsent }) => (
          <div key={`${display} ${server}`} className={css.wiped} data-unsent={unsent}>
            <p>
              <strong>{display}</strong>
            </p>
            <p className={css.address}>{server}</p>
            <p>{UNSENT[unsent]}</p>
          </div>
        ))}
        <p>
          <strong>{t('What to do:')}</strong>{' '}
          {t('ask IT why, before you sign in here again. Work at another workstation meanwhile.')}
        </p>
      </div>
      {problem && <Problem code={problem} />}
      <div className={css.actions}>
        {/* Without the focus: it comes while somebody works, and what she types is no answer. */}
        <LockButton kind="main" onClick={go} busy={busy} data-testid="wiped-continue">
          {problem ? t('Go on erasing') : t('I have read this')}
        </LockButton>
        <span className="wl-code">{t('Code for IT: wiped')}</span>
      </div>
    </ScreenCard>
  );
}
