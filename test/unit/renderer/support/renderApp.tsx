// First, because uPlot asks for the layout as soon as it is loaded.
import './dom.ts';

// Loaded here, so that no test waits for a chunk.
import '../../../../renderer/app/Unlocked.tsx';
import '../../../../renderer/features/audit/AccessesPage.tsx';
import '../../../../renderer/features/audit/AlarmsView.tsx';
import '../../../../renderer/features/documents/DocumentsView.tsx';
import '../../../../renderer/features/documents/SealedField.tsx';
import '../../../../renderer/features/downtime/DowntimeDialog.tsx';
import '../../../../renderer/features/find/FindDialog.tsx';
import '../../../../renderer/features/palette/Palette.tsx';
import '../../../../renderer/features/results/ResultsView.tsx';
import '../../../../renderer/features/settings/SecurityDialog.tsx';
import '../../../../renderer/features/sync/SyncView.tsx';
import '../../../../renderer/features/timeline/PastChart.tsx';
import '../../../../renderer/features/timeline/PastDialog.tsx';
import '../../../../renderer/features/timeline/TimelineView.tsx';
import { options as preact } from 'preact';
import { afterEach } from 'vitest';
import { startPage } from '../../../../renderer/app/startPage.tsx';
import { createFakeBridge } from './fakeBridge.ts';

// Preact's own waits for a frame, or for a time after which the page of a test may be gone.
preact.requestAnimationFrame = (flush) => queueMicrotask(flush);

let end: (() => void) | null = null;
afterEach(() => {
  end?.();
  end = null;
  document.body.replaceChildren();
});

/** The whole page over a bridge without main. */
export function renderApp(options: Parameters<typeof createFakeBridge>[0] = {}) {
  const fake = createFakeBridge(options);
  Object.defineProperty(window, 'wardlight', { configurable: true, value: fake.bridge });
  startAgain();
  return fake;
}

/** The page as after a reload. */
export function startAgain(): void {
  end?.();
  document.body.replaceChildren(document.createElement('div'));
  end = startPage(document.body.firstElementChild!);
}
