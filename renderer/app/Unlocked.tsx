// First, so that the rules of each part come after Mantine's.
import './styles.ts';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { bridge } from './bridge.ts';
import { createCloser } from './closing.ts';
import { tellCopies } from './copies.ts';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import { Frame, type FrameProps } from './Frame.tsx';
import { answerFlush } from './flushing.ts';
import { mantineTheme, noColorSchemeStore } from './mantineTheme.ts';
import { createInvalidator, createQueryClient, queryKeys } from './queries.ts';
import type { ThemeStore } from './theme.ts';
import { ThemeContext, useThemeChoice } from './themeContext.ts';

/** The page with patients in it, and what it needs: components, queries, and word of every change. */
function Unlocked(props: FrameProps) {
  const { scheme } = useThemeChoice();
  const [client] = useState(createQueryClient);

  // Locked means that nothing of a patient stays in the page, whether it is on screen or not.
  useEffect(() => {
    const invalidator = createInvalidator(client);
    const unsubscribes = [
      bridge().access.onChanged(createCloser(client)),
      answerFlush(),
      tellCopies(),
      bridge().patients.onChanged((event) => invalidator.changed(event.patients)),
      bridge().audit.onAlarmsChanged(() => void client.invalidateQueries({ queryKey: queryKeys.allAlarms })),
      bridge().sync.onChangesChanged(() => void client.invalidateQueries({ queryKey: queryKeys.allChanges })),
    ];
    return () => {
      for (const unsubscribe of unsubscribes) unsubscribe();
      invalidator.stop();
      client.clear();
    };
  }, [client]);

  return (
    <MantineProvider
      theme={mantineTheme}
      defaultColorScheme={scheme}
      forceColorScheme={scheme}
      colorSchemeManager={noColorSchemeStore}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={client}>
        <Frame {...props} />
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** The unlocked part of the page in its place. */
export interface MountedUnlocked {
  show(props: FrameProps): void;
  /** Takes everything of it out of the page. */
  end(): void;
}

/** Where React begins: the screens before the unlock do without it (decision 20). */
export default function mountUnlocked(place: Element, theme: ThemeStore): MountedUnlocked {
  const root = createRoot(place);
  return {
    show: (props) =>
      root.render(
        <ThemeContext value={theme}>
          <ErrorBoundary>
            <Unlocked {...props} />
          </ErrorBoundary>
        </ThemeContext>,
      ),
    end: () => root.unmount(),
  };
}
