import { useCallback, useEffect, useRef, useState } from 'react';
import type { CorrectableType } from '../../preload/contract/clinical.ts';
import type { DraftKey } from '../../preload/contract/drafts.ts';
import type { SessionState } from '../../preload/contract/session.ts';
import type { PendingChange, SyncStatus } from '../../preload/contract/sync.ts';
import { PolicyAlarm } from '../features/access/PolicyAlarm.tsx';
import { AlarmsButton } from '../features/audit/AlarmsButton.tsx';
import { AuditAlarm } from '../features/audit/AuditAlarm.tsx';
import { useOffers } from '../features/audit/useOffers.ts';
import { Chart } from '../features/chart/Chart.tsx';
import { ManagedAlarm } from '../features/managed/ManagedAlarm.tsx';
import { useListsAfterSync } from '../features/patients/freshLists.ts';
import { INITIAL_LIST_VIEW, type ListView } from '../features/patients/listView.ts';
import { GRID_ID, PatientList } from '../features/patients/PatientList.tsx';
import type { SecurityProps } from '../features/settings/SecurityDialog.tsx';
import { FirstSync } from '../features/sync/FirstSync.tsx';
import { SyncStrip } from '../features/sync/SyncStrip.tsx';
import { useSyncStatus } from '../features/sync/useSync.ts';
import { UpdateBanner } from '../features/updates/UpdateBanner.tsx';
import { speak } from '../words/languages.ts';
import { t } from '../words/t.ts';
import { bridge, codeOf } from './bridge.ts';
import { createChunk } from './chunk.ts';
import { type Command, useCommands } from './commands.ts';
import { DraftBanner } from './DraftBanner.tsx';
import { Finders } from './Finders.tsx';
import css from './frame.module.css';
import { Header } from './Header.tsx';
import { IdleWarning } from './IdleWarning.tsx';
import { useShortcuts } from './keyboard.ts';
import { Late } from './Late.tsx';
import { LeaseBanner } from './LeaseBanner.tsx';
import { LeavingGuard, useLeave } from './leaving.tsx';
import { type ChartStart, LIST, type Place } from './place.ts';
import { RebuiltBanner } from './RebuiltBanner.tsx';
import { ResetBanner } from './ResetBanner.tsx';
import { Shade } from './Shade.tsx';
import { ShortcutHelp } from './ShortcutHelp.tsx';
import { SignInBanner, SignInEnds } from './SignInBanner.tsx';
import { dropSecondClick } from './secondClick.ts';
import { useThemeChoice } from './themeContext.ts';

export interface FrameProps {
  readonly session: Extract<SessionState, { phase: 'unlocked' }>;
}

/** Unsent changes and conflicts, with what marks the differences of texts. */
const syncView = createChunk(() => import('../features/sync/SyncView.tsx'));

/** For who watches over the record of access. */
const alarmsView = createChunk(() => import('../features/audit/AlarmsView.tsx'));
const accessesPage = createChunk(() => import('../features/audit/AccessesPage.tsx'));

/** Rarely opened. */
const managedDialog = createChunk(() => import('../features/managed/ManagedDialog.tsx'));
const noticesDialog = createChunk(() => import('../features/support/NoticesDialog.tsx'));
const securityDialog = createChunk(() => import('../features/settings/SecurityDialog.tsx'));
const supportDialog = createChunk(() => import('../features/support/SupportDialog.tsx'));

const lock = () => void codeOf(bridge().session.lock({}));
const switchClinician = () => void codeOf(bridge().session.switchClinician({}));

/** The unlocked application. */
export function Frame(props: FrameProps) {
  return (
    <LeavingGuard>
      <Places {...props} />
    </LeavingGuard>
  );
}

/** Header, sync strip, and one of: the patient list, a patient's chart, the sync. */
function Places({ session: { profile, signInNeeded, signInEnds, openPatient, rebuilt } }: FrameProps) {
  const sync = useSyncStatus();
  useListsAfterSync(sync);
  const leave = useLeave();
  const theme = useThemeChoice();
  const search = useRef<HTMLInputElement>(null);
  const [list, setList] = useState<ListView>(INITIAL_LIST_VIEW);
  const [chosen, setPlace] = useState<Place>(LIST);
  const [dialog, setDialog] = useState<FrameDialog | null>(null);
  const { alarms } = useOffers(null, sync?.asOf ?? null);
  // Who may not see the alarms any more isn't left with them.
  const place = chosen.kind === 'alarms' && alarms === null ? LIST : chosen;
  const firstSync = sync?.asOf === null && place.kind === 'list';

  const go = useCallback((next: Place) => leave(() => setPlace(next)), [leave]);
  const open = useCallback(
    (patientId: string) => {
      dropSecondClick();
      setList((view) => ({ ...view, focusList: true }));
      go({ kind: 'chart', patientId, start: null });
    },
    [go],
  );
  const back = useCallback(() => go(LIST), [go]);
  const openSync = () => go({ kind: 'sync', changeId: null });
  const openAlarms = () => go({ kind: 'alarms' });
  const openAccesses = (patientId: string) => go({ kind: 'accesses', patientId, back: place });
  const openDraft = (draft: DraftKey) => go({ kind: 'chart', patientId: draft.patientId, start: editorOf(draft) });
  const askedSwitch = () => leave(switchClinician);
  useLaunchedPatient(openPatient, open);
  const find = () => {
    search.current?.focus();
    search.current?.select();
  };
  const changeQuery = (query: string) =>
    leave(() => {
      setPlace(LIST);
      setList((view) => ({ ...view, query, scrollOffset: 0, activeId: null, activeIndex: 0, focusList: false }));
    });

  useShortcuts({
    '/': find,
    'ctrl+k': find,
    'ctrl+l': lock,
    'ctrl+u': askedSwitch,
    '?': () => setDialog('help'),
    s: openSync,
    ...(alarms !== null && { a: openAlarms }),
  });

  useCommands([
    ...placeCommands({ back, find, openSync, openAlarms: alarms === null ? null : openAlarms }),
    ...themeCommands(theme),
    { id: 'security', title: t('Passphrase and keys'), words: t('security'), run: () => setDialog('security') },
    {
      id: 'managed',
      title: t('Settings of your organisation'),
      words: t('policy managed IT'),
      run: () => setDialog('managed'),
    },
    {
      id: 'support',
      title: t('Support bundle'),
      words: t('help IT report problem log'),
      run: () => setDialog('support'),
    },
    {
      id: 'notices',
      title: t('Versions and licences'),
      words: t('help about version'),
      run: () => setDialog('notices'),
    },
    {
      id: 'help',
      title: t('Keyboard shortcuts'),
      words: t('help about version'),
      keys: '?',
      run: () => setDialog('help'),
    },
    { id: 'switch', title: t('Switch clinician'), keys: 'Ctrl U', run: askedSwitch },
    { id: 'lock', title: t('Lock Wardlight'), keys: 'Ctrl L', run: lock },
  ]);

  return (
    <div className={css.frame} data-testid="frame">
      <Header
        searchRef={search}
        query={list.query}
        onQuery={changeQuery}
        onEnterList={() => document.getElementById(GRID_ID)?.focus()}
        onHelp={() => setDialog('help')}
        onSecurity={() => setDialog('security')}
        onLock={lock}
        onSwitch={askedSwitch}
        onLanguage={(language) => leave(() => speak(language))}
      >
        <SyncStrip status={sync} quiet={firstSync} onOpen={openSync} />
        <AlarmsButton open={alarms} onOpen={openAlarms} />
      </Header>
      {signInNeeded && <SignInBanner server={profile.server} />}
      {signInEnds && <SignInEnds at={signInEnds} />}
      {sync?.error?.code === 'server-reset' && <ResetBanner />}
      {rebuilt && sync?.asOf === null && <RebuiltBanner status={sync} />}
      <ManagedAlarm />
      <PolicyAlarm />
      <AuditAlarm />
      <LeaseBanner />
      <UpdateBanner shown={place.kind === 'list'} />
      <DraftBanner shown={place.kind === 'list'} onDraft={openDraft} onAll={openSync} />
      <main className={css.main}>
        {place.kind === 'list' && (
          <>
            {firstSync && <FirstSync status={sync} />}
            <PatientList view={list} onView={setList} onOpen={open} />
          </>
        )}
        {place.kind === 'chart' && (
          <Chart
            key={place.patientId}
            patientId={place.patientId}
            start={place.start}
            onBack={back}
            onSync={openSync}
            onAccesses={openAccesses}
            onPatient={open}
          />
        )}
        {place.kind === 'alarms' && <Alarms onBack={back} onAccesses={openAccesses} />}
        {place.kind === 'accesses' && <Accesses patientId={place.patientId} onBack={() => go(place.back)} />}
        {place.kind === 'sync' && sync && (
          <Sync status={sync} server={profile.server} changeId={place.changeId} onGo={go} onDraft={openDraft} />
        )}
      </main>
      <Finders patientId={place.kind === 'chart' ? place.patientId : null} onGo={go} onPatient={open} />
      <IdleWarning />
      <Shade />
      {dialog !== null && <Dialogs shown={dialog} alarms={alarms !== null} leave={leave} onShow={setDialog} />}
    </div>
  );
}

/** What opens above any screen, one at a time. */
type FrameDialog = 'help' | 'security' | 'managed' | 'support' | 'notices';

interface DialogsProps {
  readonly shown: FrameDialog;
  readonly alarms: boolean;
  readonly leave: SecurityProps['leave'];
  readonly onShow: (next: FrameDialog | null) => void;
}

function Dialogs({ shown, alarms, leave, onShow }: DialogsProps) {
  const onClose = () => onShow(null);
  switch (shown) {
    case 'help':
      return (
        <ShortcutHelp
          alarms={alarms}
          onSupport={() => onShow('support')}
          onNotices={() => onShow('notices')}
          onClose={onClose}
        />
      );
    case 'security':
      return (
        <Late
          key={shown}
          chunk={securityDialog}
          props={{ leave, onManaged: () => onShow('managed'), onClose }}
          fallback={null}
        />
      );
    case 'managed':
      return <Late key={shown} chunk={managedDialog} props={{ onClose }} fallback={null} />;
    case 'support':
      return <Late key={shown} chunk={supportDialog} props={{ onClose }} fallback={null} />;
    case 'notices':
      return <Late key={shown} chunk={noticesDialog} props={{ onClose }} fallback={null} />;
  }
}

interface PlaceActs {
  readonly back: () => void;
  readonly find: () => void;
  readonly openSync: () => void;
  /** Null for who may not see them. */
  readonly openAlarms: (() => void) | null;
}

function placeCommands({ back, find, openSync, openAlarms }: PlaceActs): Command[] {
  return [
    { id: 'list', title: t('My patients'), words: t('list ward home'), run: back },
    { id: 'find-patient', title: t('Find a patient'), words: t('search'), keys: '/', run: find },
    { id: 'sync', title: t('Sync: unsent changes and conflicts'), words: t('outbox'), keys: 'S', run: openSync },
    ...(openAlarms ? [{ id: 'alarms', title: t('Alarms of the record of access'), keys: 'A', run: openAlarms }] : []),
  ];
}

function themeCommands({ theme, choose }: ReturnType<typeof useThemeChoice>): Command[] {
  const themes = {
    light: t('Use the light theme'),
    dark: t('Use the dark theme'),
    system: t('Use the theme of the system'),
  } as const;
  return (['light', 'dark', 'system'] as const).flatMap((one) =>
    one === theme ? [] : [{ id: `theme-${one}`, title: themes[one], words: t('colours'), run: () => choose(one) }],
  );
}

function Alarms(props: { readonly onBack: () => void; readonly onAccesses: (patientId: string) => void }) {
  return <Late chunk={alarmsView} props={props} fallback={<div aria-busy="true" />} />;
}

function Accesses(props: { readonly patientId: string; readonly onBack: () => void }) {
  return <Late chunk={accessesPage} props={props} fallback={<div aria-busy="true" />} />;
}

/** The patient whose chart the EHR had open; whether she may be read is for the chart to say. */
function useLaunchedPatient(patientId: string | null, open: (patientId: string) => void): void {
  useEffect(() => {
    if (patientId === null) return;
    void codeOf(bridge().session.openedPatient({}));
    open(patientId);
  }, [patientId, open]);
}

interface SyncProps {
  readonly status: SyncStatus;
  readonly server: string;
  readonly changeId: string | null;
  readonly onGo: (place: Place) => void;
  readonly onDraft: (draft: DraftKey) => void;
}

function Sync({ status, server, changeId, onGo, onDraft }: SyncProps) {
  const props = {
    status,
    server,
    changeId,
    onDraft,
    onChange: (id: string | null) => onGo({ kind: 'sync', changeId: id }),
    onBack: () => onGo(LIST),
    onChart: (patientId: string) => onGo({ kind: 'chart', patientId, start: null }),
    onCorrect: async (change: PendingChange) => onGo(await correctionOf(change)),
  };
  return <Late chunk={syncView} props={props} fallback={<div aria-busy="true" />} />;
}

/** The editor that offers a draft. */
function editorOf({ resourceType, resourceId }: DraftKey): ChartStart {
  if (resourceType === 'Observation') return { kind: 'vital-draft', observationId: resourceId };
  if (resourceType !== 'DocumentReference')
    return resourceId === null
      ? { kind: 'form-draft', type: resourceType }
      : { kind: 'correct', type: resourceType, id: resourceId };
  return resourceId === null ? { kind: 'new-note' } : { kind: 'amend-note', noteId: resourceId };
}

/** The editor in which a rejected change is corrected. */
async function correctionOf({ patientId, resourceType, resourceId: id, action }: PendingChange): Promise<Place> {
  const at = (start: ChartStart): Place => ({ kind: 'chart', patientId, start });
  const record = { type: resourceType as CorrectableType, id };
  const isTyped = resourceType === 'Observation' || resourceType === 'DocumentReference';
  // A note or a value has an editor of its own; that it was marked as an error is corrected as with any other record.
  const isDeed = isTyped && action === 'update' && (await bridge().charting.parked({ patientId, ...record })).ok;
  if (!isTyped || isDeed) return at({ kind: 'correct', ...record });
  return at(
    resourceType === 'Observation' ? { kind: 'correct-vital', observationId: id } : { kind: 'amend-note', noteId: id },
  );
}
