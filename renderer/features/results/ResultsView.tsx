import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ResultGroup } from '../../../preload/contract/results.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { asOfPast, usePast } from '../../app/past.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { noneWords } from '../../parts/sectionWords.ts';
import { WithheldNotice } from '../../parts/WithheldNotice.tsx';
import { t } from '../../words/t.ts';
import { EarlyWarning } from '../vitals/EarlyWarning.tsx';
import { ComparePanel } from './ComparePanel.tsx';
import { GroupList } from './GroupList.tsx';
import { inListOrder, inSections } from './groups.ts';
import { TRENDS_MAX } from './limits.ts';
import { PickList } from './PickList.tsx';
import css from './results.module.css';
import { Segments } from './Segments.tsx';
import { TablePanel } from './TablePanel.tsx';
import { TrendPanel } from './TrendPanel.tsx';

interface Props {
  readonly patientId: string;
  readonly code: string | null;
  readonly onCode: (code: string) => void;
  readonly now: Date;
}

const MODES = [
  { id: 'trend', words: t('One test') },
  { id: 'compare', words: t('Several plots') },
  { id: 'table', words: t('Table') },
] as const;
type Mode = (typeof MODES)[number]['id'];

const COMPARED_MAX = 6;

/** All results of a patient: one test's trend, several together, or a table of many. */
export default function ResultsView({ patientId, code, onCode, now }: Props) {
  const [mode, setMode] = useState<Mode>('trend');
  const past = usePast();
  const results = useQuery({
    queryKey: queryKeys.results(patientId, past),
    queryFn: () => unwrap(bridge().results.list({ patientId, ...asOfPast(past) })),
    ...recordOptions,
  });
  if (results.isError) return <ErrorState code={failureCode(results.error)} onRetry={() => void results.refetch()} />;
  if (!results.data) return <div className={css.view} aria-busy="true" />;
  const { groups, withheld } = results.data;
  const notice = <WithheldNotice withheld={withheld} about={t('Results')} />;
  if (groups.length === 0) {
    return (
      <>
        {notice}
        <EmptyState title={noneWords(results.data)} />
      </>
    );
  }
  const toTrend = (next: string) => {
    onCode(next);
    setMode('trend');
  };
  return (
    <>
      {notice}
      <div className={css.top}>
        <Segments
          legend={t('How results are shown')}
          options={MODES}
          chosen={mode}
          onChoose={setMode}
          testId="result-modes"
        />
        {past === null && <EarlyWarning patientId={patientId} now={now} />}
      </div>
      {mode === 'trend' ? (
        <OneTest list={results.data} patientId={patientId} code={code} onCode={onCode} now={now} />
      ) : (
        <Together key={mode} mode={mode} groups={groups} patientId={patientId} now={now} onCode={toTrend} />
      )}
    </>
  );
}

interface OneProps extends Props {
  readonly list: Extract<Awaited<ReturnType<Window['wardlight']['results']['list']>>, { ok: true }>['value'];
}

function OneTest({ list, patientId, code, onCode, now }: OneProps) {
  const { groups, state, asOf, deletionsUnknown } = list;
  const chosen = chosenGroup(inListOrder(groups), code);
  return (
    <div className={css.view}>
      <GroupList
        groups={groups}
        state={state}
        asOf={asOf}
        deletionsUnknown={deletionsUnknown}
        now={now}
        chosen={chosen?.code ?? null}
        onChoose={onCode}
      />
      {chosen ? (
        <TrendPanel key={chosen.code} patientId={patientId} group={chosen} now={now} />
      ) : (
        <EmptyState title={t('This result is not on this workstation')} />
      )}
    </div>
  );
}

interface TogetherProps extends Omit<Props, 'code'> {
  readonly mode: Exclude<Mode, 'trend'>;
  readonly groups: readonly ResultGroup[];
}

function Together({ mode, groups, patientId, now, onCode }: TogetherProps) {
  const most = mode === 'compare' ? COMPARED_MAX : TRENDS_MAX;
  const [picked, setPicked] = useState(() => firstPick(groups, most));
  return (
    <div className={css.view}>
      <PickList groups={groups} picked={picked} most={most} onPicked={setPicked} />
      {mode === 'compare' ? (
        <ComparePanel patientId={patientId} codes={picked} now={now} />
      ) : (
        <TablePanel patientId={patientId} groups={groups} codes={picked} now={now} onCode={onCode} />
      )}
    </div>
  );
}

/** What is looked at first: the newest panel, else the first section. */
function firstPick(groups: readonly ResultGroup[], most: number): readonly string[] {
  const sections = inSections(groups);
  const first = sections.find(({ groups: own }) => own[0]?.panel && own[0].category === 'laboratory') ?? sections[0];
  return (first?.groups ?? []).slice(0, most).map(({ code }) => code);
}

/** The first one where none was chosen; never another one in place of one that is missing. */
function chosenGroup(groups: readonly ResultGroup[], code: string | null): ResultGroup | null {
  return (code === null ? groups[0] : groups.find((group) => group.code === code)) ?? null;
}
