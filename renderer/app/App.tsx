/** @jsxImportSource preact */
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { Result } from '../../preload/contract/channel.ts';
import type { SessionState } from '../../preload/contract/session.ts';
import { BlockedScreen } from '../features/lock/BlockedScreen.tsx';
import { ChooseScreen } from '../features/lock/ChooseScreen.tsx';
import { EnrolScreen } from '../features/lock/EnrolScreen.tsx';
import { FaultBoundary } from '../features/lock/FaultBoundary.tsx';
import { LaunchDialog } from '../features/lock/LaunchDialog.tsx';
import { RotatingScreen } from '../features/lock/RotatingScreen.tsx';
import { SignInScreen } from '../features/lock/SignInScreen.tsx';
import { StartingScreen } from '../features/lock/StartingScreen.tsx';
import { UnlockScreen } from '../features/lock/UnlockScreen.tsx';
import { WipedScreen } from '../features/lock/WipedScreen.tsx';
import { bridge } from './bridge.ts';
import { followBridge } from './followBridge.ts';
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
  usePrefetch(state.phase);
  return (
    <FaultBoundary>
      <Screen state={state} theme={theme} />
      <LaunchDialog />
    </FaultBoundary>
  );
}

/** What comes next is read behind the screen, and only when that had the processor to itself for the first keys. */
function usePrefetch(phase: SessionState['phase']) {
  const wanted = phase === 'locked' || phase === 'choosing' || phase === 'enrolling';
  useEffect(() => {
    if (!wanted) return;
    const waiting = setTimeout(prefetchUnlocked, FIRST_KEYS_MS);
    return () => clearTimeout(waiting);
  }, [wanted]);
}

function Screen({ state, theme }: Props & { readonly state: SessionState }) {
  switch (state.phase) {
    case 'starting':
      return <StartingScreen />;
    case 'blocked':
      return <BlockedScreen problem={state.problem} />;
    case 'wiped':
      return <WipedScreen profiles={state.profiles} problem={state.problem} />;
    case 'choosing':
      return <ChooseScreen profiles={state.profiles} damaged={state.damaged} />;
    case 'signed-out':
      return <SignInScreen server={state.server} hasProfiles={state.hasProfiles} waiting={false} />;
    case 'signing-in':
      return <SignInScreen server={state.server} hasProfiles={false} waiting />;
    case 'enrolling':
      return <EnrolScreen display={state.display} server={state.server} />;
    case 'locked':
      return <UnlockScreen profile={state.profile} reason={state.reason} problem={state.problem} />;
    case 'rotating':
      return <RotatingScreen display={state.profile.display} done={state.done} />;
    case 'unlocked':
      return <UnlockedPlace session={state} theme={theme} />;
  }
}
