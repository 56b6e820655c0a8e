import { useEffect, useRef } from 'react';
import { t } from '../words/t.ts';

/** Handlers by key: `/`, `?`, `Escape`, or with modifiers in the order `ctrl+alt+shift+key`, in lower case. */
export type Shortcuts = Readonly<Record<string, () => void>>;

/** What the help overlay lists, in its order. */
export const SHORTCUT_HELP: readonly { readonly keys: readonly string[]; readonly does: string }[] = [
  { keys: ['/', t('Ctrl K')], does: t('Find a patient') },
  { keys: [t('Ctrl P')], does: t('Any patient, place or act by its name') },
  { keys: [t('Ctrl F')], does: t('Find in the records of the chart') },
  { keys: [t('Ctrl Shift F')], does: t('Find in the records of all your patients') },
  { keys: ['↑', '↓', t('PgUp'), t('PgDn'), 'Home', 'End'], does: t('Move in a list') },
  { keys: ['Enter'], does: t('Open the patient') },
  { keys: ['1'], does: t('Summary') },
  { keys: ['2'], does: t('Results') },
  { keys: ['3'], does: t('Notes') },
  { keys: ['4'], does: t('What is stored of the patient') },
  { keys: ['5'], does: t('Documents') },
  { keys: ['6'], does: t('Timeline') },
  { keys: ['H'], does: t('The chart as it was known at a moment') },
  { keys: ['N'], does: t('Write in the chart') },
  { keys: ['S'], does: t('Sync: unsent changes and conflicts') },
  { keys: [t('Esc'), t('Alt ←')], does: t('Back') },
  { keys: [t('Ctrl L')], does: t('Lock Wardlight') },
  { keys: [t('Ctrl U')], does: t('Switch clinician') },
  { keys: ['?'], does: t('Show these shortcuts') },
];

/** Of the alarms: only told to who may see them. */
export const ALARMS_HELP = { keys: ['A'], does: t('Alarms of the record of access') } as const;

/** The name of a key press as `Shortcuts` writes it. Command counts as Control, for macOS. */
export function pressedKey(event: KeyboardEvent): string {
  const modifiers = [event.ctrlKey || event.metaKey ? 'ctrl+' : '', event.altKey ? 'alt+' : ''].join('');
  // Of a plain key, the character says whether it was shifted.
  return modifiers === '' ? event.key : `${modifiers}${event.shiftKey ? 'shift+' : ''}${event.key.toLowerCase()}`;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

/** Listens on the whole page. Plain keys belong to the field while someone types; an open dialog keeps all keys. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
      const key = pressedKey(event);
      if (isTyping(event.target) && !key.includes('+')) return;
      const handler = latest.current[key];
      if (!handler) return;
      event.preventDefault();
      handler();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}
