import { useState } from 'react';
import type { FoundRecord } from '../../preload/contract/find.ts';
import type { FindScope } from '../features/find/findWords.ts';
import { t } from '../words/t.ts';
import { createChunk } from './chunk.ts';
import { useCommands } from './commands.ts';
import { useShortcuts } from './keyboard.ts';
import { Late } from './Late.tsx';
import type { ChartStart, Place } from './place.ts';

const findDialog = createChunk(() => import('../features/find/FindDialog.tsx'));
const palette = createChunk(() => import('../features/palette/Palette.tsx'));

type Shown = { readonly kind: 'palette' } | { readonly kind: 'find'; readonly scope: FindScope; readonly text: string };

interface Props {
  /** Whose chart is open; null for none. */
  readonly patientId: string | null;
  readonly onGo: (place: Place) => void;
  readonly onPatient: (patientId: string) => void;
}

/** What is opened from anywhere: the search through records, and the palette of all that can be done. */
export function Finders({ patientId, onGo, onPatient }: Props) {
  const [shown, setShown] = useState<Shown | null>(null);
  const close = () => setShown(null);
  const find = (scope: FindScope, text = '') => setShown({ kind: 'find', scope, text });
  const open = () => setShown({ kind: 'palette' });
  const isOpen = patientId !== null;
  useShortcuts({
    'ctrl+f': () => find('chart'),
    'ctrl+shift+f': () => find('panel'),
    'ctrl+p': open,
    'ctrl+shift+p': open,
  });
  useCommands([
    ...(isOpen
      ? [
          {
            id: 'find-chart',
            title: t('Find in this chart'),
            words: t('search text'),
            keys: 'Ctrl F',
            run: () => find('chart'),
          },
        ]
      : []),
    {
      id: 'find-panel',
      title: t('Find in the records of all your patients'),
      words: t('search text panel'),
      keys: 'Ctrl Shift F',
      run: () => find('panel'),
    },
  ]);

  if (shown === null) return null;
  if (shown.kind === 'palette') {
    const props = {
      onPatient,
      onFind: (text: string) => find(isOpen ? 'chart' : 'panel', text),
      onClose: () => setShown((now) => (now?.kind === 'palette' ? null : now)),
    };
    return <Late chunk={palette} props={props} fallback={null} />;
  }
  const props = {
    ...{ patientId, scope: shown.scope, text: shown.text, onClose: close },
    onOpen: (record: FoundRecord) => {
      close();
      onGo({ kind: 'chart', patientId: record.patientId, start: startOf(record) });
    },
  };
  return <Late chunk={findDialog} props={props} fallback={null} />;
}

/** Where a record is read: a note in its reader, a value in its trend, anything else on the timeline. */
function startOf({ kind, type, id, trend, withdrawn }: FoundRecord): ChartStart {
  if (kind === 'note' && type === 'DocumentReference' && !withdrawn) return { kind: 'read-note', noteId: id };
  return trend === null ? { kind: 'record', type, id } : { kind: 'trend', code: trend };
}
