import { useCallback, useRef, useState } from 'react';
import type { Profile } from '../../preload/contract/session.ts';
import { Chart } from '../features/chart/Chart.tsx';
import { INITIAL_LIST_VIEW, type ListView } from '../features/patients/listView.ts';
import { GRID_ID, PatientList } from '../features/patients/PatientList.tsx';
import { FirstSync } from '../features/sync/FirstSync.tsx';
import { SyncStrip } from '../features/sync/SyncStrip.tsx';
import { useSyncStatus } from '../features/sync/useSync.ts';
import { bridge, codeOf } from './bridge.ts';
import css from './frame.module.css';
import { Header } from './Header.tsx';
import { useShortcuts } from './keyboard.ts';
import { ShortcutHelp } from './ShortcutHelp.tsx';
import { SignInBanner } from './SignInBanner.tsx';
import { dropSecondClick } from './secondClick.ts';

export interface FrameProps {
  readonly profile: Profile;
  readonly signInNeeded: boolean;
}

const lock = () => void codeOf(bridge().session.lock({}));

/** The unlocked application: header, sync strip, and either the patient list or one patient's chart. */
export function Frame({ profile, signInNeeded }: FrameProps) {
  const sync = useSyncStatus();
  const search = useRef<HTMLInputElement>(null);
  const [list, setList] = useState<ListView>(INITIAL_LIST_VIEW);
  const [patientId, setPatientId] = useState<string | null>(null);
  const [helping, setHelping] = useState(false);
  const firstSync = sync?.asOf === null && patientId === null;

  const open = useCallback((id: string) => {
    dropSecondClick();
    setList((view) => ({ ...view, focusList: true }));
    setPatientId(id);
  }, []);
  const back = useCallback(() => setPatientId(null), []);
  const find = () => {
    search.current?.focus();
    search.current?.select();
  };
  const changeQuery = (query: string) => {
    setPatientId(null);
    setList((view) => ({ ...view, query, scrollOffset: 0, activeId: null, activeIndex: 0, focusList: false }));
  };

  useShortcuts({ '/': find, 'ctrl+k': find, 'ctrl+l': lock, '?': () => setHelping(true) });

  return (
    <div className={css.frame} data-testid="frame">
      <Header
        searchRef={search}
        query={list.query}
        onQuery={changeQuery}
        onEnterList={() => document.getElementById(GRID_ID)?.focus()}
        onHelp={() => setHelping(true)}
        onLock={lock}
      >
        <SyncStrip status={sync} quiet={firstSync} />
      </Header>
      {signInNeeded && <SignInBanner server={profile.server} />}
      <main className={css.main}>
        {patientId === null ? (
          <>
            {firstSync && <FirstSync status={sync} />}
            <PatientList view={list} onView={setList} onOpen={open} />
          </>
        ) : (
          <Chart key={patientId} patientId={patientId} onBack={back} />
        )}
      </main>
      {helping && <ShortcutHelp onClose={() => setHelping(false)} />}
    </div>
  );
}
