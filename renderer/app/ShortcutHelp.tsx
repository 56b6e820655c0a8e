import { Kbd } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../parts/Button.tsx';
import { aboutWords } from './aboutWords.ts';
import { bridge } from './bridge.ts';
import css from './frame.module.css';
import { SHORTCUT_HELP } from './keyboard.ts';

/** The shortcuts, in the browser's own dialog: it keeps the focus inside, closes on Escape and gives the focus back. */
export function ShortcutHelp({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} className={css.dialog} aria-labelledby="shortcuts-title" onClose={onClose}>
      <h2 id="shortcuts-title">Keyboard shortcuts</h2>
      <dl className={css.keys}>
        {SHORTCUT_HELP.map(({ keys, does }) => (
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
      <footer className={css.dialogFoot}>
        <About />
        <Button onClick={onClose}>Close</Button>
      </footer>
    </dialog>
  );
}

/** Which program this is, for the person who calls IT. */
function About() {
  const [words, setWords] = useState('');
  useEffect(() => {
    const read = async () => {
      const answer = await bridge().preferences.about({});
      if (answer.ok) setWords(aboutWords(answer.value));
    };
    read().catch(() => undefined);
  }, []);
  return (
    <p className={css.about} data-testid="about">
      {words}
    </p>
  );
}
