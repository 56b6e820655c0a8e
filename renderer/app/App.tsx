import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { SessionState } from '../../preload/contract/session.ts';
import { EnrolScreen } from '../features/lock/EnrolScreen.tsx';
import { KeyringScreen } from '../features/lock/KeyringScreen.tsx';
import { SignInScreen } from '../features/lock/SignInScreen.tsx';
import { StartingScreen } from '../features/lock/StartingScreen.tsx';
import { UnlockScreen } from '../features/lock/UnlockScreen.tsx';
import { bridge } from './bridge.ts';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import { Frame } from './Frame.tsx';
import { createInvalidator, createQueryClient } from './queries.ts';
import { mantineTheme, noColorSchemeStore, useThemePreference } from './theme.ts';
import { ThemeContext } from './themeContext.ts';
import { useBridgeState } from './useBridgeState.ts';

const readSession = () => bridge().session.state({});
const onSession = (listener: (state: SessionState) => void) => bridge().session.onChanged(listener);

/** The page: the screen of the phase that the session is in. */
export function App() {
  const preference = useThemePreference();
  const state = useBridgeState(readSession, onSession) ?? { phase: 'starting' as const };
  const [client] = useState(createQueryClient);
  const unlocked = state.phase === 'unlocked';

  // Locked means that nothing of a patient stays in the page, whether it is on screen or not.
  useEffect(() => {
    if (!unlocked) return;
    const invalidator = createInvalidator(client);
    const unsubscribe = bridge().patients.onChanged((event) => invalidator.changed(event.patients));
    return () => {
      unsubscribe();
      invalidator.stop();
      client.clear();
    };
  }, [unlocked, client]);

  return (
    <MantineProvider
      theme={mantineTheme}
      forceColorScheme={preference.scheme}
      colorSchemeManager={noColorSchemeStore}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <ThemeContext value={preference}>
        <QueryClientProvider client={client}>
          <ErrorBoundary>
            <Screen state={state} />
          </ErrorBoundary>
        </QueryClientProvider>
      </ThemeContext>
    </MantineProvider>
  );
}

function Screen({ state }: { state: SessionState }) {
  switch (state.phase) {
    case 'starting':
      return <StartingScreen />;
    case 'keyring':
      return <KeyringScreen problem={state.problem} />;
    case 'signed-out':
      return <SignInScreen server={state.server} waiting={false} />;
    case 'signing-in':
      return <SignInScreen server={state.server} waiting />;
    case 'enrolling':
      return <EnrolScreen display={state.display} server={state.server} />;
    case 'locked':
      return <UnlockScreen profile={state.profile} reason={state.reason} problem={state.problem} />;
    case 'unlocked':
      return <Frame profile={state.profile} signInNeeded={state.signInNeeded} />;
  }
}
