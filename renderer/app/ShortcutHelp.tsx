import { Kbd } from '@mantine/core';
import { useEffect, useState } from 'react';
import { Button } from '../parts/Button.tsx';
import { Dialog, DialogFoot } from '../parts/Dialog.tsx';
import { t } from '../words/t.ts';
import { aboutWords } from './aboutWords.ts';
import { bridge } from './bridge.ts';
import css from './frame.module.css';
import { ALARMS_HELP, SHORTCUT_HELP } from './keyboard.ts';

interface Props {
  readonly alarms: boolean;
  readonly onSupport: () => void;
  readonly onNotices: () => void;
  readonly onClose: () => void;
}

/** The shortcuts, which program this is, and what IT is given when something is wrong with it. */
export function ShortcutHelp({ alarms, onSupport, onNotices, onClose }: Props) {
  const help = alarms ? [...SHORTCUT_HELP, ALARMS_HELP] : SHORTCUT_HELP;
  return (
    <Dialog title={t('Keyboard shortcuts')} onClose={onClose} roomy>
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
      <div className={css.helpMore}>
        <Button onClick={onSupport} data-testid="help-support">
          {t('Support bundle…')}
        </Button>
        <Button onClick={onNotices} data-testid="help-notices">
          {t('Versions and licences…')}
        </Button>
      </div>
      <DialogFoot said={<About />}>
        <Button autoFocus onClick={onClose}>
          {t('Close')}
        </Button>
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
    </p>
  );
}
