import { Button, Kbd } from '@mantine/core';
import { useEffect, useRef } from 'react';
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
      <Button variant="default" onClick={onClose}>
        Close
      </Button>
    </dialog>
  );
}
