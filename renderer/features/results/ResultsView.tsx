import { useQuery } from '@tanstack/react-query';
import type { ResultGroup } from '../../../preload/contract/results.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { asOfPast, usePast } from '../../app/past.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { noneWords } from '../../parts/sectionWords.ts';
import { WithheldNotice } from '../../parts/WithheldNotice.tsx';
import { t } from '../../words/t.ts';
import { GroupList } from './GroupList.tsx';
import { inListOrder } from './groups.ts';
import css from './results.module.css';
import { TrendPanel } from './TrendPanel.tsx';

interface Props {
  readonly patientId: string;
  readonly code: string | null;
  readonly onCode: (code: string) => void;
  readonly now: Date;
}

/** All results of a patient by what was measured, and the trend of the one that is chosen. */
export default function ResultsView({ patientId, code, onCode, now }: Props) {
  const past = usePast();
  const results = useQuery({
    queryKey: queryKeys.results(patientId, past),
    queryFn: () => unwrap(bridge().results.list({ patientId, ...asOfPast(past) })),
    ...recordOptions,
  });
  if (results.isError) return <ErrorState code={failureCode(results.error)} onRetry={() => void results.refetch()} />;
  if (!results.data) return <div className={css.view} aria-busy="true" />;
  const { groups, state, asOf, deletionsUnknown, withheld } = results.data;
  const notice = <WithheldNotice withheld={withheld} about={t('Results')} />;
  if (groups.length === 0) {
    return (
      <>
        {notice}
        <EmptyState title={noneWords(results.data)} />
      </>
    );
  }
  const chosen = chosenGroup(inListOrder(groups), code);
  return (
    <>
      {notice}
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
    </>
  );
}

/** The first one where none was chosen; never another one in place of one that is missing. */
function chosenGroup(groups: readonly ResultGroup[], code: string | null): ResultGroup | null {
  return (code === null ? groups[0] : groups.find((group) => group.code === code)) ?? null;
}
