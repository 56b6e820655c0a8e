import { useDebouncedValue } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ChartSummary } from '../../../preload/contract/chart.ts';
import { FIND_MIN, type FoundPatient, type FoundRecord } from '../../../preload/contract/find.ts';
import { failureCode } from '../../app/bridge.ts';
import { queryKeys } from '../../app/queries.ts';
import { Button } from '../../parts/Button.tsx';
import { type Choice, ComboList } from '../../parts/ComboList.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { formatName } from '../../parts/names.ts';
import { t } from '../../words/t.ts';
import { FoundLine } from './FoundLine.tsx';
import css from './find.module.css';
import { type FindScope, foundWords } from './findWords.ts';
import { NotSearched } from './NotSearched.tsx';
import { useChartFind, usePanelFind } from './useFind.ts';

/** While somebody types: each search is recorded with its words. */
const DEBOUNCE = 200;

interface Props {
  /** Whose chart is open; null for none. */
  readonly patientId: string | null;
  readonly scope: FindScope;
  /** What is looked for to begin with. */
  readonly text: string;
  readonly onOpen: (record: FoundRecord) => void;
  readonly onClose: () => void;
}

/** Records by their words, as typed: of the chart that is open, or of all the clinician's patients. */
export default function FindDialog({ patientId, scope: first, text: begun, onOpen, onClose }: Props) {
  const [scope, setScope] = useState<FindScope>(patientId === null ? 'panel' : first);
  const [typed, setTyped] = useState(begun);
  const [text] = useDebouncedValue(typed.trim(), DEBOUNCE);
  const chart = useChartFind(scope === 'chart' ? patientId : null, text);
  const panel = usePanelFind(text, scope === 'panel');
  const asked = scope === 'chart' ? chart : panel;
  const isLong = text.length >= FIND_MIN;
  const found = isLong ? asked.data : undefined;
  const busy = typed.trim() !== text || (isLong && (asked.isPending || asked.isPlaceholderData));
  const owners = new Map((panel.data?.patients ?? []).map((one) => [one.id, one]));
  const owned = scope === 'panel' ? owners : null;
  const status = !isLong ? '' : busy ? t('Looking …') : found ? foundWords(found) : '';

  return (
    <Dialog
      title={scope === 'chart' ? t('Find in this chart') : t('Find in all your patients')}
      onClose={onClose}
      wide
      testId="find-dialog"
    >
      {patientId !== null && <Scopes patientId={patientId} scope={scope} onScope={setScope} />}
      <ComboList
        label={t('Words to look for in records')}
        placeholder={t('Words, or a phrase in “quotation marks”')}
        value={typed}
        onValue={(next) => setTyped(next.replace(/[“”„«»]/g, '"'))}
        choices={asked.isError ? [] : choicesOf(found?.items ?? [], owned, onOpen)}
        status={status}
        busy={busy}
        testId="find"
      >
        {asked.isError && isLong && <ErrorState code={failureCode(asked.error)} onRetry={() => void asked.refetch()} />}
        {!isLong && <Hint />}
        {found && !busy && found.total === 0 && !found.more && (
          <EmptyState title={t('No record on this workstation has all these words')} />
        )}
        {found && !busy && <NotSearched found={found} panel={scope === 'panel' ? panel.data : undefined} />}
      </ComboList>
      <div className={css.close}>
        {/* It is opened above a past moment too. */}
        <p className={css.hint} data-testid="find-of-now">
          {t('Only what is on this workstation is found, as it is now – not as it was at a past moment.')}
        </p>
        <Button onClick={onClose} title={t('Close (Esc)')} data-testid="find-close">
          {t('Close')}
        </Button>
      </div>
    </Dialog>
  );
}

function choicesOf(
  items: readonly FoundRecord[],
  owners: ReadonlyMap<string, FoundPatient> | null,
  onOpen: (record: FoundRecord) => void,
): Choice[] {
  return items.map((record) => ({
    id: `${record.type}/${record.id}`,
    group: owners ? t('Records of your patients') : t('Records of this chart'),
    shown: <FoundLine record={record} owner={owners?.get(record.patientId) ?? null} />,
    choose: () => onOpen(record),
  }));
}

function Hint() {
  return (
    <p className={css.hint}>
      {t(
        'Notes, letters, results, problems, medications and all other records are searched, by the beginnings of words.',
      )}
    </p>
  );
}

interface ScopesProps {
  readonly patientId: string;
  readonly scope: FindScope;
  readonly onScope: (scope: FindScope) => void;
}

function Scopes({ patientId, scope, onScope }: ScopesProps) {
  const chart = useQueryClient().getQueryData<ChartSummary>(queryKeys.chart(patientId, null));
  const name = chart ? formatName(chart.patient.name) : t('This chart');
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would have a frame and a legend
    <div className={css.scopes} role="group" aria-label={t('Where to look')}>
      <Button
        size="tiny"
        aria-pressed={scope === 'chart'}
        onClick={() => onScope('chart')}
        data-testid="find-scope-chart"
      >
        {name}
      </Button>
      <Button
        size="tiny"
        aria-pressed={scope === 'panel'}
        onClick={() => onScope('panel')}
        data-testid="find-scope-panel"
      >
        {t('All your patients')}
      </Button>
    </div>
  );
}
