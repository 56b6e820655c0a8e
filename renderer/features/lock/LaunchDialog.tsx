/** @jsxImportSource preact */
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { LaunchState } from '../../../preload/contract/launch.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { errorWords } from '../../app/errors.ts';
import { followBridge } from '../../app/followBridge.ts';
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
        <Frame title="Continue in your browser">
          <p role="status">{state.host} is asking you to sign in there. Wardlight goes on when you are done.</p>
          <LockButton onClick={dismiss} focused data-testid="launch-dismiss">
            Cancel
          </LockButton>
        </Frame>
      );
    case 'failed':
      return (
        <Frame title="Wardlight was not opened">
          <p>The launch by {state.host} did not come to an end.</p>
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
      <p className="wl-code">Code for IT: {code}</p>
      <Close />
    </Frame>
  );
}

function Asked({ host, server, openFor }: Extract<LaunchState, { phase: 'asked' }>) {
  return (
    <Frame title="Open Wardlight from the EHR?" calm={openFor !== null}>
      <p>This hospital system asks to open a patient in Wardlight:</p>
      <p className={css.host}>{host}</p>
      <p className={css.address}>{server}</p>
      {openFor && (
        <p>
          Wardlight is open for <strong>{openFor}</strong>. If it is somebody else who signs in now, you are asked
          before Wardlight is locked.
        </p>
      )}
      <div className={css.actions}>
        <LockButton kind="main" onClick={accept} focused={openFor === null} data-testid="launch-accept">
          Sign in at this system
        </LockButton>
        <LockButton onClick={dismiss} data-testid="launch-dismiss">
          Not now
        </LockButton>
      </div>
    </Frame>
  );
}

function OtherClinician({ host, openFor, display }: Extract<LaunchState, { phase: 'other-clinician' }>) {
  return (
    <Frame title="Switch clinician?">
      <p>
        <strong>{display}</strong> has signed in at {host}, and Wardlight is open for <strong>{openFor}</strong>.
      </p>
      <p>Switching locks it. Text that was not saved is lost.</p>
      <div className={css.actions}>
        <LockButton kind="main" onClick={accept} data-testid="launch-accept">
          Lock and switch
        </LockButton>
        <LockButton onClick={dismiss} focused data-testid="launch-dismiss">
          Stay with {openFor}
        </LockButton>
      </div>
    </Frame>
  );
}

function Close() {
  return (
    <div className={css.actions}>
      <LockButton kind="main" onClick={dismiss} focused data-testid="launch-dismiss">
        Close
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
      <p className={css.brand}>Wardlight</p>
      <h1>{title}</h1>
      {children}
    </dialog>
  );
}
