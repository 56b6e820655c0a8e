import { type KeyboardEvent, useRef } from 'react';
import { Button } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import { moveIndex } from '../../parts/moveIndex.ts';
import { t } from '../../words/t.ts';
import { useNumbers } from '../downtime/useNumbers.ts';
import css from './charting.module.css';
import { PatientLine } from './FormDialog.tsx';
import type { Who, Write, WriteForm } from './write.ts';

/** What can be written anew: a form of ours, or a note in the chart's notes. */
export type Writable = Extract<WriteForm, { kind: string }>['kind'] | 'note' | 'soap-note';

interface Entry {
  readonly key: string;
  readonly what: Writable;
  readonly words: string;
}

const ENTRIES: readonly Entry[] = [
  { key: 'V', what: 'vital', words: t('Vital sign') },
  { key: 'N', what: 'note', words: t('Note') },
  { key: 'S', what: 'soap-note', words: t('Note in sections (SOAP)') },
  { key: 'A', what: 'allergy', words: t('Allergy or intolerance') },
  { key: 'K', what: 'no-known-allergies', words: t('No known allergies') },
  { key: 'P', what: 'problem', words: t('Problem') },
  { key: 'M', what: 'medication', words: t('Medicine that is taken') },
  { key: 'I', what: 'immunization', words: t('Immunisation, given or not') },
  { key: 'T', what: 'task', words: t('Task') },
  { key: 'F', what: 'questionnaire', words: t('Form of the hospital') },
];
/** What takes a number that was reserved for this workstation, where there are any of the kind. */
const NUMBERED: readonly (Entry & { readonly of: 'visit' | 'specimen' })[] = [
  { key: 'B', what: 'visit', of: 'visit', words: t('Start a visit (downtime)') },
  { key: 'L', what: 'specimen', of: 'specimen', words: t('Label a specimen (downtime)') },
];

interface Props extends Pick<Write, 'blocked'> {
  readonly who: Who;
  readonly onChoose: (what: Writable) => void;
  readonly onClose: () => void;
}

/** All that can be written in a chart, by its letter or with the arrows. */
export function WriteMenu({ who, blocked, onChoose, onClose }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const numbers = useNumbers();
  const numbered = NUMBERED.filter(({ of }) => numbers?.open && (!numbers.known || numbers[of] !== null));
  const entries = [...ENTRIES, ...numbered];
  const onKeyDown = (event: KeyboardEvent) => {
    if (blocked !== null || event.ctrlKey || event.altKey || event.metaKey) return;
    const entry = entries.find(({ key }) => key === event.key.toUpperCase());
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])];
    const at = buttons.findIndex((button) => button.matches(':focus'));
    const next = entry ? null : moveIndex(event.key, at, buttons.length, buttons.length);
    if (!entry && next === null) return;
    event.preventDefault();
    if (entry) onChoose(entry.what);
    else buttons[next ?? 0]?.focus();
  };
  return (
    <Dialog title={t('Write in this chart')} onClose={onClose} testId="write-menu">
      <PatientLine who={who} />
      {blocked !== null && (
        <p className={css.blocked} role="alert" data-testid="write-blocked">
          {blocked}
        </p>
      )}
      <ul ref={list} className={css.menu} onKeyDown={onKeyDown}>
        {entries.map(({ key, what, words }, index) => (
          <li key={what}>
            <button
              type="button"
              disabled={blocked !== null}
              // biome-ignore lint/a11y/noAutofocus: it is what the menu is opened for
              autoFocus={index === 0}
              onClick={() => onChoose(what)}
              aria-keyshortcuts={key}
              data-testid={`write-${what}`}
            >
              <kbd aria-hidden>{key}</kbd>
              {words}
            </button>
          </li>
        ))}
      </ul>
      <DialogFoot>
        <Button onClick={onClose}>{t('Cancel')}</Button>
      </DialogFoot>
    </Dialog>
  );
}
