import { Tabs } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { useShortcuts } from '../../app/keyboard.ts';
import { PastProvider } from '../../app/past.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { Button } from '../../parts/Button.tsx';
import { formatDateTime } from '../../parts/dates.ts';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { useNow } from '../../parts/useNow.ts';
import { t } from '../../words/t.ts';
import { AccessBanner } from '../access/AccessBanner.tsx';
import { Banner } from '../chart/Banner.tsx';
import chartCss from '../chart/chart.module.css';
import { Summary } from '../chart/Summary.tsx';
import ResultsView from '../results/ResultsView.tsx';
import PastDialog from './PastDialog.tsx';
import css from './past.module.css';
import TimelineView from './TimelineView.tsx';

const TABS = [
  { name: 'summary', title: t('Summary') },
  { name: 'results', title: t('Results') },
  { name: 'timeline', title: t('Timeline') },
] as const;
type TabName = (typeof TABS)[number]['name'];

interface Props {
  readonly patientId: string;
  readonly asOf: string;
  readonly onAsOf: (asOf: string) => void;
  /** Back to the chart as it is. */
  readonly onLeave: () => void;
}

/** A chart as this workstation knew it at a moment. Everything in it is read as of then, and nothing can be written. */
export default function PastChart({ patientId, asOf, onAsOf, onLeave }: Props) {
  const now = useNow();
  const [choosing, setChoosing] = useState(false);
  return (
    <PastProvider value={asOf}>
      <div className={css.past} data-patient-id={patientId} data-testid="past-chart">
        <PastBanner patientId={patientId} asOf={asOf} onOther={() => setChoosing(true)} onLeave={onLeave} />
        <PastParts key={asOf} patientId={patientId} asOf={asOf} now={now} />
        {choosing && (
          <PastDialog
            patientId={patientId}
            now={now}
            asOf={asOf}
            onChoose={(next) => {
              setChoosing(false);
              onAsOf(next);
            }}
            onClose={() => setChoosing(false)}
          />
        )}
      </div>
    </PastProvider>
  );
}

interface BannerProps {
  readonly patientId: string;
  readonly asOf: string;
  readonly onOther: () => void;
  readonly onLeave: () => void;
}

/** On every view of a past moment: that it is one, what can't be known of it, and the way back. */
function PastBanner({ patientId, asOf, onOther, onLeave }: BannerProps) {
  const moments = useQuery({
    queryKey: queryKeys.pastMoments(patientId),
    queryFn: () => unwrap(bridge().timeline.moments({ patientId })),
    ...recordOptions,
  });
  const since = moments.data?.since ?? null;
  const isBefore = moments.data !== undefined && (since === null || Date.parse(asOf) < Date.parse(since));
  return (
    <section className={css.banner} aria-label={t('Not current')} data-testid="past-banner">
      <IconHistory size={22} aria-hidden />
      <p role="status">
        <strong>{t('As known here on {dateTime} – NOT CURRENT', { dateTime: formatDateTime(asOf) })}</strong>{' '}
        <span>
          {isBefore
            ? since === null
              ? t('What this workstation knew then can’t be told.')
              : t('Before {dateTime} this workstation can’t tell what it knew.', { dateTime: formatDateTime(since) })
            : t('Read only. What was not fetched, not sent or has been purged is not in it.')}
        </span>
      </p>
      <Button size="tiny" onClick={onOther} data-testid="past-other">
        {t('Other time…')}
      </Button>
      <Button size="tiny" onClick={onLeave} title={t('Back to the chart as it is (Esc)')} data-testid="past-leave">
        {t('Back to now')}
      </Button>
    </section>
  );
}

interface PartsProps {
  readonly patientId: string;
  readonly asOf: string;
  readonly now: Date;
}

function PastParts({ patientId, asOf, now }: PartsProps) {
  const [tab, setTab] = useState<TabName>('summary');
  const [code, setCode] = useState<string | null>(null);
  const tabs = useRef<HTMLDivElement>(null);
  const chart = useQuery({
    queryKey: queryKeys.chart(patientId, asOf),
    queryFn: () => unwrap(bridge().chart.read({ patientId, asOf })),
    ...recordOptions,
  });
  const isThere = chart.data !== undefined;
  useEffect(() => {
    if (isThere) tabs.current?.querySelector<HTMLElement>('[role=tab][aria-selected=true]')?.focus();
  }, [isThere]);
  useShortcuts(Object.fromEntries(TABS.map(({ name }, index) => [String(index + 1), () => setTab(name)])));

  if (chart.isError) {
    const failure = failureCode(chart.error);
    if (failure === 'not-found') return <EmptyState title={t('This workstation did not have this chart then')} />;
    return <ErrorState code={failure} heading="h1" onRetry={() => void chart.refetch()} />;
  }
  if (!chart.data) {
    return (
      <div className={chartCss.chart} aria-busy="true" role="status" data-testid="past-building">
        <EmptyState title={t('Putting the chart of that moment together …')}>
          <p>{t('Of a long chart this takes a while. Esc goes back to now.')}</p>
        </EmptyState>
      </div>
    );
  }
  const openResult = (next: string) => {
    setCode(next);
    setTab('results');
  };
  return (
    <>
      <AccessBanner patientId={patientId} />
      <div className={chartCss.whole}>
        <Banner chart={chart.data} now={now} />
        <Tabs
          ref={tabs}
          value={tab}
          onChange={(next) => next && setTab(next as TabName)}
          keepMounted={false}
          className={chartCss.tabs}
        >
          <div className={chartCss.tabBar}>
            <Tabs.List aria-label={t('Parts of the chart as it was known')} className={chartCss.tabList}>
              {TABS.map(({ name, title }, index) => (
                <Tabs.Tab key={name} value={name} data-testid={`past-tab-${name}`} aria-keyshortcuts={`${index + 1}`}>
                  {title}
                </Tabs.Tab>
              ))}
            </Tabs.List>
          </div>
          <Tabs.Panel value="summary" className={chartCss.panel}>
            <Summary
              chart={chart.data}
              now={now}
              start={null}
              onResult={openResult}
              onNote={() => setTab('timeline')}
            />
          </Tabs.Panel>
          <Tabs.Panel value="results" className={chartCss.panel}>
            <ResultsView patientId={patientId} code={code} onCode={setCode} now={now} />
          </Tabs.Panel>
          <Tabs.Panel value="timeline" className={chartCss.panel}>
            <TimelineView patientId={patientId} now={now} />
          </Tabs.Panel>
        </Tabs>
      </div>
    </>
  );
}
