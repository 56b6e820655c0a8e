import { Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { ChartSummary } from '../../../preload/contract/chart.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { createChunk } from '../../app/chunk.ts';
import { useCommands } from '../../app/commands.ts';
import { useShortcuts } from '../../app/keyboard.ts';
import { Late } from '../../app/Late.tsx';
import { useLeave } from '../../app/leaving.tsx';
import type { ChartStart } from '../../app/place.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { formatName } from '../../parts/names.ts';
import { useChange } from '../../parts/useChange.ts';
import { useNow } from '../../parts/useNow.ts';
import { t } from '../../words/t.ts';
import { AccessBanner } from '../access/AccessBanner.tsx';
import { NotPermitted } from '../access/NotPermitted.tsx';
import { OpenWithheld } from '../access/OpenWithheld.tsx';
import { useOffers } from '../audit/useOffers.ts';
import { WriteMenuButton } from '../charting/WriteButton.tsx';
import { WriteHost } from '../charting/WriteHost.tsx';
import { DowntimeButton } from '../downtime/DowntimeButton.tsx';
import { NotesView } from '../notes/NotesView.tsx';
import type { OpenNote } from '../notes/openNote.ts';
import { useListsAfterChart } from '../patients/freshLists.ts';
import { Banner } from './Banner.tsx';
import css from './chart.module.css';
import { codeOf, noteOf, recordOf, tabOf } from './chartStart.ts';
import { ACCESSES, TABS, type TabName, tabCommands } from './chartTabs.ts';
import { identityLine } from './identity.ts';
import { StoredData } from './StoredData.tsx';
import { Summary } from './Summary.tsx';

/** With the words for what can be wrong with a file. */
const documents = createChunk(() => import('../documents/DocumentsView.tsx'));

/** For who watches over the record of access. */
const accesses = createChunk(() => import('../audit/AccessesView.tsx'));

/** With the plotting library, which only this view needs. */
const results = createChunk(() => import('../results/ResultsView.tsx'));

/** With the list of everything, and what compares versions. */
const timeline = createChunk(() => import('../timeline/TimelineView.tsx'));

/** For who looks at the chart as it was known. */
const pastChart = createChunk(() => import('../timeline/PastChart.tsx'));
const pastDialog = createChunk(() => import('../timeline/PastDialog.tsx'));

interface Props {
  readonly patientId: string;
  /** What somebody comes for who has a change to correct. */
  readonly start: ChartStart | null;
  readonly onBack: () => void;
  /** Opens the unsent changes. */
  readonly onSync: () => void;
  /** Opens who has seen the chart, where the chart itself may not be seen. */
  readonly onAccesses: (patientId: string) => void;
  /** Opens another patient's chart: the one by which this record was replaced. */
  readonly onPatient: (patientId: string) => void;
}

/** One patient's chart. Nothing is shown before the access was decided and recorded, and nothing after it failed. */
export function Chart({ patientId, start, onBack, onSync, onAccesses, onPatient }: Props) {
  const [past, setPast] = useState<string | null>(null);
  useListsAfterChart();
  // Who comes for something of the chart as it is isn't left in its past.
  useChange(start, () => setPast(null));
  const chart = useQuery({
    queryKey: queryKeys.chart(patientId, null),
    queryFn: () => unwrap(bridge().chart.read({ patientId })),
    ...recordOptions,
  });
  const leave = () => (past === null ? onBack() : setPast(null));
  useShortcuts({ Escape: leave, 'alt+arrowleft': leave });

  if (chart.isError) {
    return (
      <div className={`${css.chart} ${css.instead}`}>
        <div className={css.bare}>
          <BackButton onBack={onBack} />
        </div>
        <ChartError
          code={failureCode(chart.error)}
          patientId={patientId}
          onRetry={() => void chart.refetch()}
          onAccesses={onAccesses}
        />
      </div>
    );
  }
  if (!chart.data) return <div className={css.chart} aria-busy="true" />;
  return (
    <OpenWithheld patientId={patientId}>
      {past === null ? (
        <OpenChart
          chart={chart.data}
          start={start}
          onBack={onBack}
          onSync={onSync}
          onPast={setPast}
          onPatient={onPatient}
        />
      ) : (
        <Late
          chunk={pastChart}
          props={{ patientId, asOf: past, onAsOf: setPast, onLeave: () => setPast(null) }}
          fallback={<div className={css.chart} aria-busy="true" />}
        />
      )}
    </OpenWithheld>
  );
}

interface ErrorProps extends Pick<Props, 'patientId' | 'onAccesses'> {
  readonly code: string;
  readonly onRetry: () => void;
}

function ChartError({ code, patientId, onRetry, onAccesses }: ErrorProps) {
  const { access } = useOffers(patientId);
  return (
    <>
      {code === 'not-permitted' ? (
        <NotPermitted patientId={patientId} onRetry={onRetry} />
      ) : (
        <ErrorState code={code} heading="h1" onRetry={onRetry} />
      )}
      {access && (
        <div className={css.bare}>
          <Button onClick={() => onAccesses(patientId)} data-testid="accesses-open">
            {t('Who has seen this chart')}
          </Button>
        </div>
      )}
    </>
  );
}

interface OpenProps extends Omit<Props, 'patientId' | 'onAccesses'> {
  readonly chart: ChartSummary;
  /** Shows the chart as it was known at a moment. */
  readonly onPast: (asOf: string) => void;
}

function OpenChart({ chart, start, onBack, onSync, onPast, onPatient }: OpenProps) {
  const now = useNow();
  const [tab, setTab] = useState<TabName>(tabOf(start));
  const [begin, setBegin] = useState(start);
  const [code, setCode] = useState(codeOf(start));
  const [note, setNote] = useState<OpenNote>(() => noteOf(start));
  const [record, setRecord] = useState(recordOf(start));
  const comeFor = (next: ChartStart | null) => {
    setBegin(next);
    setTab(tabOf(next));
    setCode(codeOf(next));
    setNote(noteOf(next));
    setRecord(recordOf(next));
  };
  useChange(start, comeFor);
  const [choosing, setChoosing] = useState(false);
  const leave = useLeave();
  const patientId = chart.patient.id;
  const { access } = useOffers(patientId);
  const shown = access ? [...TABS, ACCESSES] : TABS;
  const tabs = useRef<HTMLDivElement>(null);

  // The focus comes to the chart with the person, and does not stay on a row that is gone.
  // biome-ignore lint/correctness/useExhaustiveDependencies: somebody comes again, for something else
  useEffect(() => tabs.current?.querySelector<HTMLElement>('[role=tab][aria-selected=true]')?.focus(), [start]);
  // What is likely to be looked at next is there before it is asked for.
  useEffect(results.prefetch, []);
  const show = (next: TabName) => {
    // Whoever comes back has seen what she came for.
    setBegin(null);
    setRecord(null);
    setTab(next);
  };
  const goTo = (next: TabName) => leave(() => show(next));
  useShortcuts({
    '1': () => goTo('summary'),
    '2': () => goTo('results'),
    '3': () => goTo('notes'),
    '4': () => goTo('data'),
    '5': () => goTo('documents'),
    '6': () => goTo('timeline'),
    h: () => leave(() => setChoosing(true)),
    ...(access && { '7': () => goTo('accesses') }),
  });
  useCommands([
    ...tabCommands(shown, goTo),
    {
      id: 'past',
      title: t('As of… (the chart as it was known)'),
      keys: 'H',
      run: () => leave(() => setChoosing(true)),
    },
    {
      id: 'new-note',
      title: t('Write a note'),
      words: t('new'),
      run: () => leave(() => comeFor({ kind: 'new-note' })),
    },
    {
      id: 'new-vital',
      title: t('Record a vital sign'),
      words: t('new measure'),
      run: () => leave(() => comeFor({ kind: 'vital-draft', observationId: null })),
    },
  ]);

  const openResult = (next: string) => {
    setCode(next);
    show('results');
  };
  const openNote = (next: string) => {
    setNote({ kind: 'read', id: next });
    show('notes');
  };

  const leaveNote = (go: () => void) =>
    leave(() => {
      setNote((open) => (open?.kind === 'read' ? open : null));
      go();
    });
  const writeNote = (next: OpenNote) => {
    setNote(next);
    show('notes');
  };

  return (
    <div className={css.chart} data-patient-id={patientId}>
      <WriteHost
        patient={chart.patient}
        now={now}
        start={start}
        blocked={
          chart.patient.replacedBy === null
            ? null
            : t('This record was merged into another one: nothing can be written here.')
        }
        onLeave={leaveNote}
        onNote={writeNote}
        onSync={onSync}
      >
        <AccessBanner patientId={patientId} />
        <div className={css.whole}>
          <Banner chart={chart} now={now} onPatient={onPatient} />
          <Tabs
            ref={tabs}
            value={tab}
            onChange={(next) => next && goTo(next as TabName)}
            keepMounted={false}
            className={css.tabs}
          >
            <div className={css.tabBar}>
              <BackButton onBack={onBack} />
              <Tabs.List aria-label={t('Parts of the chart')} className={css.tabList}>
                {shown.map(({ name, title }, index) => (
                  <Tabs.Tab key={name} value={name} data-testid={`tab-${name}`} aria-keyshortcuts={`${index + 1}`}>
                    {title}
                  </Tabs.Tab>
                ))}
              </Tabs.List>
              <WriteMenuButton />
              <Button
                size="tiny"
                onClick={() => leave(() => setChoosing(true))}
                title={t('As it was known here at a moment (H)')}
                data-testid="past-open"
              >
                {t('As of…')}
              </Button>
              <DowntimeButton scope={{ kind: 'patient', patientId }} about={formatName(chart.patient.name)} now={now} />
            </div>
            <Tabs.Panel value="summary" className={css.panel}>
              <Summary chart={chart} now={now} start={begin} onResult={openResult} onNote={openNote} />
            </Tabs.Panel>
            <Tabs.Panel value="results" className={css.panel}>
              <Late
                chunk={results}
                props={{ patientId, code, onCode: setCode, now }}
                fallback={<div aria-busy="true" />}
              />
            </Tabs.Panel>
            <Tabs.Panel value="notes" className={css.panel}>
              <NotesView
                patientId={patientId}
                section={chart.notes}
                open={note}
                onOpen={setNote}
                onSync={onSync}
                now={now}
              />
            </Tabs.Panel>
            <Tabs.Panel value="data" className={css.panel}>
              <StoredData patientId={patientId} now={now} />
            </Tabs.Panel>
            <Tabs.Panel value="documents" className={css.panel}>
              <Late
                chunk={documents}
                props={{
                  patientId,
                  patientName: formatName(chart.patient.name),
                  identity: identityLine(chart.patient, now),
                  now,
                }}
                fallback={<div aria-busy="true" />}
              />
            </Tabs.Panel>
            <Tabs.Panel value="timeline" className={css.panel}>
              <Late chunk={timeline} props={{ patientId, now, record }} fallback={<div aria-busy="true" />} />
            </Tabs.Panel>
            {access && (
              <Tabs.Panel value="accesses" className={css.panel}>
                <Late chunk={accesses} props={{ patientId }} fallback={<div aria-busy="true" />} />
              </Tabs.Panel>
            )}
          </Tabs>
        </div>
        {choosing && (
          <Late
            chunk={pastDialog}
            props={{ patientId, now, asOf: null, onChoose: onPast, onClose: () => setChoosing(false) }}
            fallback={null}
          />
        )}
      </WriteHost>
    </div>
  );
}

function BackButton({ onBack }: { readonly onBack: () => void }) {
  return (
    <Button onClick={onBack} title={t('Back to the list (Esc)')} data-testid="back-to-list">
      {t('← Patients')}
    </Button>
  );
}
