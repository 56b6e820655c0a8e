// First, because uPlot asks for the layout as soon as it is loaded.
import './dom.ts';

// Loaded here, so that no test waits for a chunk.
import '../../../../renderer/app/Unlocked.tsx';
import '../../../../renderer/features/results/ResultsView.tsx';
import { render } from '@testing-library/react';
import { App } from '../../../../renderer/app/App.tsx';
import { createFakeBridge } from './fakeBridge.ts';

/** The whole page over a bridge without main. */
export function renderApp(options: Parameters<typeof createFakeBridge>[0] = {}) {
  const fake = createFakeBridge(options);
  Object.defineProperty(window, 'wardlight', { configurable: true, value: fake.bridge });
  return { ...fake, ...render(<App />) };
}
