import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';

interface Leaving {
  /** Goes, at once where nothing would be lost, else when the person has said so. */
  readonly leave: (go: () => void) => void;
  readonly setUnsaved: (unsaved: boolean) => void;
}

const LeavingContext = createContext<Leaving>({ leave: (go) => go(), setUnsaved: () => undefined });

/** Keeps typed text from being lost by a stray key: whoever would leave it is asked first. */
export function LeavingGuard({ children }: { readonly children: ReactNode }) {
  const unsaved = useRef(false);
  const [pending, setPending] = useState<(() => void) | null>(null);

  const leave = useCallback((go: () => void) => {
    if (unsaved.current) setPending(() => go);
    else go();
  }, []);
  const setUnsaved = useCallback((next: boolean) => {
    unsaved.current = next;
  }, []);
  const value = useMemo(() => ({ leave, setUnsaved }), [leave, setUnsaved]);

  const discard = () => {
    unsaved.current = false;
    setPending(null);
    pending?.();
  };
  return (
    <LeavingContext value={value}>
      {children}
      {pending && (
        <ConfirmDialog
          title="Leave without saving?"
          deed="Discard the text"
          refusal="Keep writing"
          onConfirm={discard}
          onClose={() => setPending(null)}
          testId="leave-dialog"
        >
          <p>What you have written is not saved. It is kept nowhere once you leave.</p>
        </ConfirmDialog>
      )}
    </LeavingContext>
  );
}

/** How to go elsewhere without losing what someone has typed. */
export function useLeave(): Leaving['leave'] {
  return useContext(LeavingContext).leave;
}

/** Says whether there is typed text that nobody has saved. */
export function useUnsaved(unsaved: boolean): void {
  const { setUnsaved } = useContext(LeavingContext);
  useEffect(() => {
    setUnsaved(unsaved);
    return () => setUnsaved(false);
  }, [unsaved, setUnsaved]);
}
