/** @jsxImportSource preact */
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { Result } from '../../preload/contract/channel.ts';
import type { SessionState } from '../../preload/contract/session.ts';
import { BlockedScreen } from '../features/lock/BlockedScreen.tsx';
import { ChooseScreen } from '../features/lock/ChooseScreen.tsx';
import { FaultBoundary } from '../features/lock/FaultBoundary.tsx';
import { SignInScreen } from '../features/lock/SignInScreen.tsx';
import { StartingScreen } from '../features/lock/StartingScreen.tsx';
import { UnlockScreen } from '../features/lock/UnlockScreen.tsx';
import { bridge } from './bridge.ts';
import { followBridge } from './followBridge.ts';
import { prefetchRareScreens, RareScreen } from './RareScreen.ts';
import type { ThemeStore } from './theme.ts';
import { prefetchUnlocked, UnlockedPlace } from './UnlockedPlace.tsx';

const FIRST_KEYS_MS = 300;

/** Main says where the session stands; where it can't even say that, there is nothing that could be begun. */
async function readSession(): Promise<Result<SessionState>> {
  const answer = await bridge().session.state({});
  return answer.ok ? answer : { ok: true, value: { phase: 'blocked', problem: 'internal' } };
}

const onSession = (listener: (state: SessionState) => void) => bridge().session.onChanged(listener);

interface Props {
  readonly theme: ThemeStore;
}

/** The page: the screen of the phase that the session is in. */
export function App({ theme }: Props) {
  const [state, setState] = useState<SessionState>({ phase: 'starting' });
  // Before the first frame, which a window that isn't shown yet may be late with.
  useLayoutEffect(() => followBridge(readSession, onSession, setState), []);
  const isStarted = useStarted();
  usePrefetch(state.phase, isStarted);
  return (
    <FaultBoundary>
      <Screen state={state} theme={theme} />
      {isStarted && <RareScreen name="LaunchDialog" props={{}} />}
      {isStarted && state.phase !== 'unlocked' && <RareScreen name="ManagedNotice" props={{}} />}
      {isStarted && <RareScreen name="DebuggedBanner" props={{}} />}
    </FaultBoundary>
  );
}

/** True once the first screen had the processor to itself for the first keys. */
function useStarted(): boolean {
  const [isStarted, setStarted] = useState(false);
  useEffect(() => {
    const waiting = setTimeout(() => setStarted(true), FIRST_KEYS_MS);
    return () => clearTimeout(waiting);
  }, []);
  return isStarted;
}

/** What comes next is read behind the first screen. */
function usePrefetch(phase: SessionState['phase'], isStarted: boolean): void {
  const isNear = phase === 'locked' || phase === 'choosing' || phase === 'enrolling';
  useEffect(() => {
    if (isStarted) prefetchRareScreens();
  }, [isStarted]);
  useEffect(() => {
    if (isStarted && isNear) prefetchUnlocked();
  }, [isStarted, isNear]);
}

function Screen({ state, theme }: Props & { readonly state: SessionState }) {
  switch (state.phase) {
    case 'starting':
      return <StartingScreen />;
    case 'blocked':
      return <BlockedScreen problem={state.problem} />;
    case 'wiped':
      return <RareScreen name="WipedScreen" props={{ profiles: state.profiles, problem: state.problem }} />;
    case 'choosing':
      return <ChooseScreen profiles={state.profiles} damaged={state.damaged} />;
    case 'signed-out':
      return <SignInScreen server={state.server} hasProfiles={state.hasProfiles} waiting={false} />;
    case 'signing-in':
      return <SignInScreen server={state.server} hasProfiles={false} waiting />;
    case 'enrolling':
      return <RareScreen name="EnrolScreen" props={{ display: state.display, server: state.server }} />;
    case 'locked':
      return <UnlockScreen profile={state.profile} reason={state.reason} problem={state.problem} needs={state.needs} />;
    case 'rotating':
      return <RareScreen name="RotatingScreen" props={{ display: state.profile.display, done: state.done }} />;
    case 'unlocked':
      return <UnlockedPlace session={state} theme={theme} />;
  }
}
