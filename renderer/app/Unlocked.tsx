// First, so that the rules of each part come after Mantine's.
import { phrasesIn } from '../../preload/contract/phrases.ts';
import { allInWords } from '../../preload/contract/placeholders.ts';
import { PLACEHOLDER_WORDS } from '../parts/placeholderWords.ts';
import './styles.ts';
import './recordErrors.ts';
import { MantineProvider } from '@mantine/core';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { INITIAL_LIST_VIEW } from '../features/patients/listView.ts';
import { pageQuery } from '../features/patients/usePatientRows.ts';
import { LANGUAGE } from '../words/t.ts';
import { bridge, speakBy } from './bridge.ts';
import { createCloser } from './closing.ts';
import { tellCopies } from './copies.ts';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import { Frame, type FrameProps } from './Frame.tsx';
import { answerFlush } from './flushing.ts';
import { mantineTheme, noColorSchemeStore } from './mantineTheme.ts';
import { createInvalidator, createQueryClient, queryKeys } from './queries.ts';
import type { ThemeStore } from './theme.ts';
import { ThemeContext, useThemeChoice } from './themeContext.ts';
import { bridgeInWords } from './wordedBridge.ts';

const WORDS = { ...phrasesIn(LANGUAGE), ...PLACEHOLDER_WORDS };
speakBy((own) => bridgeInWords(own, (answer) => allInWords(answer, WORDS)));

/** What is asked of main, with word of every change. `end` lets nothing of a patient stay in the page. */
function openQueries(): { readonly client: QueryClient; readonly end: () => void } {
  const client = createQueryClient();
  const invalidator = createInvalidator(client);
  const unsubscribes = [
    bridge().access.onChanged(createCloser(client)),
    answerFlush(),
    tellCopies(),
    bridge().patients.onChanged((event) => invalidator.changed(event.patients)),
    bridge().audit.onAlarmsChanged(() => void client.invalidateQueries({ queryKey: queryKeys.allAlarms })),
    bridge().sync.onChangesChanged(() => void client.invalidateQueries({ queryKey: queryKeys.allChanges })),
  ];
  return {
    client,
    end() {
      for (const unsubscribe of unsubscribes) unsubscribe();
      invalidator.stop();
      client.clear();
    },
  };
}

interface Props extends FrameProps {
  readonly client: QueryClient;
}

/** The page with patients in it. */
function Unlocked({ client, ...props }: Props) {
  const { scheme } = useThemeChoice();
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
  const { client, end } = openQueries();
  // Main reads the first page of the list while React draws the frame around it.
  void client.prefetchQuery(pageQuery(INITIAL_LIST_VIEW, 0));
  return {
    show: (props) =>
      root.render(
        <ThemeContext value={theme}>
          <ErrorBoundary>
            <Unlocked client={client} {...props} />
          </ErrorBoundary>
        </ThemeContext>,
      ),
    end() {
      root.unmount();
      end();
    },
  };
}
