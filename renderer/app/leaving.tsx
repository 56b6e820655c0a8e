import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { t } from '../words/t.ts';

interface Leaving {
  /** Goes, at once where nothing would be lost, else when the person has said so. */
  readonly leave: (go: () => void) => void;
  readonly setUnsaved: (unsaved: Unsaved) => void;
}

/** `kept`: there is a draft of it; `lost`: it is on the screen only. */
type Unsaved = 'kept' | 'lost' | null;

const LeavingContext = createContext<Leaving>({ leave: (go) => go(), setUnsaved: () => undefined });

/** Keeps typed text from being lost by a stray key: whoever would leave it is asked first. */
export function LeavingGuard({ children }: { readonly children: ReactNode }) {
  const unsaved = useRef<Unsaved>(null);
  const [pending, setPending] = useState<(() => void) | null>(null);

  const leave = useCallback((go: () => void) => {
    if (unsaved.current !== null) setPending(() => go);
    else go();
  }, []);
  const setUnsaved = useCallback((next: Unsaved) => {
    unsaved.current = next;
  }, []);
  const value = useMemo(() => ({ leave, setUnsaved }), [leave, setUnsaved]);

  const discard = () => {
    unsaved.current = null;
    setPending(null);
    pending?.();
  };
  return (
    <LeavingContext value={value}>
      {children}
      {pending && (
        <ConfirmDialog
          title={t('Leave without saving?')}
          deed={unsaved.current === 'lost' ? t('Discard the text') : t('Leave')}
          refusal={t('Keep writing')}
          onConfirm={discard}
          onClose={() => setPending(null)}
          testId="leave-dialog"
        >
          {unsaved.current === 'lost' ? (
            <p>
              {t('What you have written is not saved, and no draft of it could be kept. It is lost once you leave.')}
            </p>
          ) : (
            <p>
              {t(
                'What you have written is not in the record yet. It stays on this workstation as a draft: you find it again in the patient’s chart, and under Sync.',
              )}
            </p>
          )}
        </ConfirmDialog>
      )}
    </LeavingContext>
  );
}

/** How to go elsewhere without losing what someone has typed. */
export function useLeave(): Leaving['leave'] {
  return useContext(LeavingContext).leave;
}

/** Says whether there is typed text that nobody has saved, and whether there is a draft of it. */
export function useUnsaved(dirty: boolean, isKept: boolean): void {
  const { setUnsaved } = useContext(LeavingContext);
  // With the form itself: a key that comes right after it has gone would be asked about text that is saved.
  useLayoutEffect(() => {
    setUnsaved(dirty ? (isKept ? 'kept' : 'lost') : null);
    return () => setUnsaved(null);
  }, [dirty, isKept, setUnsaved]);
}
