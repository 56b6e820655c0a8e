import type { SessionState } from '../../preload/contract/session.ts';
import { BlockedScreen } from '../features/lock/BlockedScreen.tsx';
import { EnrolScreen } from '../features/lock/EnrolScreen.tsx';
import { OpeningScreen } from '../features/lock/OpeningScreen.tsx';
import { SignInScreen } from '../features/lock/SignInScreen.tsx';
import { StartingScreen } from '../features/lock/StartingScreen.tsx';
import { UnlockScreen } from '../features/lock/UnlockScreen.tsx';
import { bridge } from './bridge.ts';
import { createChunk, Late } from './chunk.tsx';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import { useThemePreference } from './theme.ts';
import { ThemeContext } from './themeContext.ts';
import { useBridgeState } from './useBridgeState.ts';

/** All that comes after the unlock, so that the first screen waits for little; fetched while the person is typing. */
const unlocked = createChunk(() => import('./Unlocked.tsx'));

const readSession = () => bridge().session.state({});
const onSession = (listener: (state: SessionState) => void) => bridge().session.onChanged(listener);

/** The page: the screen of the phase that the session is in. */
export function App() {
  const preference = useThemePreference();
  const state = useBridgeState(readSession, onSession) ?? { phase: 'starting' as const };
  return (
    <ThemeContext value={preference}>
      <ErrorBoundary>
        <Screen state={state} />
      </ErrorBoundary>
    </ThemeContext>
  );
}

function Screen({ state }: { state: SessionState }) {
  switch (state.phase) {
    case 'starting':
      return <StartingScreen />;
    case 'blocked':
      return <BlockedScreen problem={state.problem} />;
    case 'signed-out':
      return <SignInScreen server={state.server} waiting={false} />;
    case 'signing-in':
      return <SignInScreen server={state.server} waiting />;
    case 'enrolling':
      return <EnrolScreen display={state.display} server={state.server} onTyping={unlocked.prefetch} />;
    case 'locked':
      return (
        <UnlockScreen
          profile={state.profile}
          reason={state.reason}
          problem={state.problem}
          onTyping={unlocked.prefetch}
        />
      );
    case 'unlocked':
      return (
        <Late
          chunk={unlocked}
          props={{ profile: state.profile, signInNeeded: state.signInNeeded }}
          fallback={<OpeningScreen />}
        />
      );
  }
}
