/** @jsxImportSource preact */
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { LaunchState } from '../../../preload/contract/launch.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { errorWords } from '../../app/errors.ts';
import { followBridge } from '../../app/followBridge.ts';
import { t } from '../../words/t.ts';
import { LockButton } from './LockButton.tsx';
import css from './lock.module.css';
import { Problem } from './Problem.tsx';

const NONE: LaunchState = { phase: 'none' };
const read = () => bridge().launch.state({});
const onChanged = (listener: (state: LaunchState) => void) => bridge().launch.onChanged(listener);
const accept = () => void codeOf(bridge().launch.accept({}));
const dismiss = () => void codeOf(bridge().launch.dismiss({}));

/**
 * A launch by an EHR, above whatever else is shown: who asks, before anything is opened. The unlocked page stays behind
 * it, so that nothing that is being written is lost.
 */
export function LaunchDialog() {
  const [state, setState] = useState<LaunchState>(NONE);
  useEffect(() => followBridge(read, onChanged, setState), []);
  return state.phase === 'none' ? null : <Shown key={state.phase} state={state} />;
}

function Shown({ state }: { readonly state: Exclude<LaunchState, { phase: 'none' }> }) {
  switch (state.phase) {
    case 'refused':
      return <Refused {...state} />;
    case 'asked':
      return <Asked {...state} />;
    case 'signing-in':
      return (
        <Frame title={t('Continue in your browser')}>
          <p role="status">
            {t('{host} is asking you to sign in there. Wardlight goes on when you are done.', { host: state.host })}
          </p>
          <LockButton onClick={dismiss} focused data-testid="launch-dismiss">
            {t('Cancel')}
          </LockButton>
        </Frame>
      );
    case 'failed':
      return (
        <Frame title={t('Wardlight was not opened')}>
          <p>{t('The launch by {host} did not come to an end.', { host: state.host })}</p>
          <Problem code={state.code} />
          <Close />
        </Frame>
      );
    case 'other-clinician':
      return <OtherClinician {...state} />;
  }
}

function Refused({ code, host }: Extract<LaunchState, { phase: 'refused' }>) {
  const words = errorWords(code);
  return (
    <Frame title={words.title}>
      {host && <p className={css.host}>{host}</p>}
      <p role="alert">
        {words.means} {words.act}
      </p>
      <p className="wl-code">{t('Code for IT: {code}', { code })}</p>
      <Close />
    </Frame>
  );
}

function Asked({ host, server, openFor }: Extract<LaunchState, { phase: 'asked' }>) {
  return (
    <Frame title={t('Open Wardlight from the EHR?')} calm={openFor !== null}>
      <p>{t('This hospital system asks to open a patient in Wardlight:')}</p>
      <p className={css.host}>{host}</p>
      <p className={css.address}>{server}</p>
      {openFor && (
        <p>
          {t(
            'Wardlight is open for {openFor}. If it is somebody else who signs in now, you are asked before Wardlight is locked.',
            { openFor },
          )}
        </p>
      )}
      <div className={css.actions}>
        <LockButton kind="main" onClick={accept} focused={openFor === null} data-testid="launch-accept">
          {t('Sign in at this system')}
        </LockButton>
        <LockButton onClick={dismiss} data-testid="launch-dismiss">
          {t('Not now')}
        </LockButton>
      </div>
    </Frame>
  );
}

function OtherClinician({ host, openFor, display }: Extract<LaunchState, { phase: 'other-clinician' }>) {
  return (
    <Frame title={t('Switch clinician?')}>
      <p>{t('{display} has signed in at {host}, and Wardlight is open for {openFor}.', { display, host, openFor })}</p>
      <p>{t('Switching locks it. Text that was not saved is lost.')}</p>
      <div className={css.actions}>
        <LockButton kind="main" onClick={accept} data-testid="launch-accept">
          {t('Lock and switch')}
        </LockButton>
        <LockButton onClick={dismiss} focused data-testid="launch-dismiss">
          {t('Stay with {openFor}', { openFor })}
        </LockButton>
      </div>
    </Frame>
  );
}

function Close() {
  return (
    <div className={css.actions}>
      <LockButton kind="main" onClick={dismiss} focused data-testid="launch-dismiss">
        {t('Close')}
      </LockButton>
    </div>
  );
}

interface FrameProps {
  readonly title: string;
  /** It may come while somebody is typing: what is typed then presses none of its buttons. */
  readonly calm?: boolean;
  readonly children: ComponentChildren;
}

/** Modal: what is behind it takes no key before it is answered. Escape is no. */
function Frame({ title, calm = false, children }: FrameProps) {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (!dialog?.open) dialog?.showModal?.();
    if (calm) dialog?.focus();
    return () => dialog?.close?.();
  }, [calm]);
  const onCancel = (event: Event) => {
    event.preventDefault();
    dismiss();
  };
  return (
    <dialog
      ref={ref}
      className={css.dialog}
      aria-label={title}
      tabIndex={-1}
      onCancel={onCancel}
      data-testid="launch-dialog"
    >
      <p className={css.brand}>{t('Wardlight')}</p>
      <h1>{title}</h1>
      {children}
    </dialog>
  );
}
