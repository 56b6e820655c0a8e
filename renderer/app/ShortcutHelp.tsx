import { Kbd } from '@mantine/core';
import { useEffect, useState } from 'react';
import { Button } from '../parts/Button.tsx';
import { Dialog, DialogFoot } from '../parts/Dialog.tsx';
import { t } from '../words/t.ts';
import { aboutWords } from './aboutWords.ts';
import { bridge } from './bridge.ts';
import css from './frame.module.css';
import { ALARMS_HELP, SHORTCUT_HELP } from './keyboard.ts';

/** The shortcuts, and which program this is. */
export function ShortcutHelp({ alarms, onClose }: { readonly alarms: boolean; readonly onClose: () => void }) {
  const help = alarms ? [...SHORTCUT_HELP, ALARMS_HELP] : SHORTCUT_HELP;
  return (
    <Dialog title={t('Keyboard shortcuts')} onClose={onClose}>
      <dl className={css.keys}>
        {help.map(({ keys, does }) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <Kbd key={key} size="xs">
                  {key}
                </Kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <DialogFoot said={<About />}>
        <Button onClick={onClose}>{t('Close')}</Button>
      </DialogFoot>
    </Dialog>
  );
}

/** What policy wants of screenshots and screen sharing, and what comes of it. */
const CAPTURES = {
  off: '',
  on: t('This window is kept out of screenshots and screen sharing.'),
  unsupported: t('Your organisation wants this window kept out of screenshots, but this system can’t do that.'),
} as const;

/** Which program this is, for the person who calls IT. */
function About() {
  const [words, setWords] = useState('');
  const [screen, setScreen] = useState('');
  useEffect(() => {
    const read = async () => {
      const answer = await bridge().preferences.about({});
      if (answer.ok) setWords(aboutWords(answer.value));
      const state = await bridge().lock.screen({});
      if (state.ok) setScreen(CAPTURES[state.value.contentProtection]);
    };
    read().catch(() => undefined);
  }, []);
  return (
    <p className={css.about} data-testid="about">
      {words}
      {screen && <span data-testid="captures"> {screen}</span>}
      <br />
      {t('The licences of its parts are in THIRD-PARTY-NOTICES.txt in the folder of the program.')}
    </p>
  );
}
