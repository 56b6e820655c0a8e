import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { ChartSummary } from '../../../preload/contract/chart.ts';
import { createChunk } from '../../app/chunk.ts';
import { useCommands } from '../../app/commands.ts';
import { useShortcuts } from '../../app/keyboard.ts';
import { Late } from '../../app/Late.tsx';
import type { ChartStart } from '../../app/place.ts';
import { formatName } from '../../parts/names.ts';
import { t } from '../../words/t.ts';
import { identityLine } from '../chart/identity.ts';
import type { OpenNote } from '../notes/openNote.ts';
import { KIND_OF_DRAFT } from './draftKinds.ts';
import type { Writable } from './WriteMenu.tsx';
import { type Write, type WriteForm, WriteProvider } from './write.ts';

/** What is typed into, with its words. */
const forms = createChunk(() => import('./WriteForms.tsx'));

interface Props {
  readonly patient: ChartSummary['patient'];
  readonly now: Date;
  readonly start: ChartStart | null;
  /** Why nothing may be written in this chart, as a sentence; null where it may. */
  readonly blocked: string | null;
  /** Goes, once whatever is being written in the chart is left. */
  readonly onLeave: (go: () => void) => void;
  readonly onNote: (note: OpenNote) => void;
  readonly onSync: () => void;
  readonly children: ReactNode;
}

/** Where forms of a chart are opened from anywhere in it, and by N. */
export function WriteHost({ patient, now, start, blocked, onLeave, onNote, onSync, children }: Props) {
  const [form, setForm] = useState<WriteForm | null>(() => formOf(start));
  const [said, setSaid] = useState('');
  // In a downtime nothing may have to be fetched first, not even from this disk.
  useEffect(forms.prefetch, []);
  const keepPlace = useKeptPlace(form === null);
  const open = (next: WriteForm) =>
    onLeave(() => {
      keepPlace();
      setSaid('');
      setForm(next);
    });
  useShortcuts({ n: () => open({ kind: 'menu' }) });
  useCommands([
    {
      id: 'write',
      title: t('Write in this chart'),
      words: t('new problem medicine immunisation task visit specimen'),
      keys: 'N',
      run: () => open({ kind: 'menu' }),
    },
    { id: 'write-allergy', title: t('Record an allergy'), words: t('new'), run: () => open({ kind: 'allergy' }) },
    {
      id: 'write-form',
      title: t('Fill in a form of the hospital'),
      words: t('new questionnaire score'),
      run: () => open({ kind: 'questionnaire' }),
    },
  ]);
  const who = { name: formatName(patient.name), identity: identityLine(patient, now) };
  const write: Write = { patientId: patient.id, who, open, onSync, blocked };
  const choose = (what: Writable) => {
    if (what === 'note' || what === 'soap-note') {
      setForm(null);
      onNote({ kind: what === 'note' ? 'new' : 'new-soap' });
    } else if (what !== 'change' && what !== 'withdraw' && what !== 'numbered' && what !== 'correct')
      setForm({ kind: what });
  };
  const saved = (next: WriteForm | null = null) => {
    setForm(next);
    setSaid(t('Saved on this workstation. Not yet sent.'));
  };
  return (
    <WriteProvider value={write}>
      {children}
      <p className="wl-said" role="status" data-testid="write-said">
        {said}
      </p>
      {form && (
        <Late
          chunk={forms}
          props={{
            ...{ patientId: patient.id, form, blocked, now, who },
            ...{ onChoose: choose, onSaved: saved, onClose: () => setForm(null) },
          }}
          fallback={null}
        />
      )}
    </WriteProvider>
  );
}

function formOf(start: ChartStart | null): WriteForm | null {
  if (start?.kind === 'correct') return { kind: 'correct', record: start };
  return start?.kind === 'form-draft' ? { kind: KIND_OF_DRAFT[start.type] } : null;
}

/** A deed can take the line away on which it was begun: the focus is then in its card, and not lost. */
function useKeptPlace(isDone: boolean): () => void {
  const place = useRef<HTMLElement | null>(null);
  // Whatever is drawn anew may be what has gone.
  useEffect(() => {
    const { current } = place;
    if (!isDone || !current?.isConnected || document.activeElement !== document.body) return;
    current.tabIndex = -1;
    current.focus({ preventScroll: true });
  });
  return () => {
    place.current = document.activeElement?.closest<HTMLElement>('section, [role="tabpanel"]') ?? null;
  };
}
