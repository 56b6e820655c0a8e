import { useLayoutEffect, useRef } from 'react';
import type { ScreenState } from '../../preload/contract/lock.ts';
import { t } from '../words/t.ts';
import { bridge } from './bridge.ts';
import css from './shade.module.css';
import { useBridgeState } from './useBridgeState.ts';

const readScreen = () => bridge().lock.screen({});
const onScreen = (listener: (state: ScreenState) => void) => bridge().lock.onScreenChanged(listener);

/** Covers the page, open dialogs too, while another window is in front and policy wants that. */
export function Shade() {
  const screen = useBridgeState(readScreen, onScreen);
  return screen?.shaded ? <Cover /> : null;
}

/** A dialog, as whatever lies below it must neither be hit by the click that comes back nor be read out. */
function Cover() {
  const cover = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = cover.current;
    element?.showModal();
    // The focus goes back to where it was: whoever comes back goes on typing there.
    return () => element?.close();
  }, []);
  return (
    <dialog ref={cover} className={css.shade} onCancel={(event) => event.preventDefault()} data-testid="shade">
      <p role="status">
        <span className={css.brand}>{t('Wardlight')}</span> {t('– click to return')}
      </p>
    </dialog>
  );
}
