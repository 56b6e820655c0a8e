import { app, type BrowserWindow, type WebFrameMain } from 'electron';
import { createViewerMemory, VIEWER_MEMORY_MS, type ViewerProcess } from './viewer-memory.ts';
import { VIEWER_ORIGIN } from './viewer-protocol.ts';

/** Ends the process that shows a document in this window when it takes too much memory. Looks only while there is one. */
export function watchViewer({ webContents }: BrowserWindow): void {
  const look = createViewerMemory({
    processes: () => viewerProcesses(webContents.mainFrame),
    end,
  });
  let timer: NodeJS.Timeout | null = null;
  const stop = () => {
    if (timer) clearInterval(timer);
    timer = null;
  };
  webContents.on('frame-created', () => {
    timer ??= setInterval(() => {
      if (webContents.isDestroyed() || webContents.mainFrame.framesInSubtree.length === 1) stop();
      else look();
    }, VIEWER_MEMORY_MS);
  });
  webContents.once('destroyed', stop);
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself since it was looked at.
  }
}

/** The processes that show documents, and nothing else. */
function viewerProcesses(page: WebFrameMain): ViewerProcess[] {
  const viewers = page.framesInSubtree.filter(({ origin }) => origin === VIEWER_ORIGIN);
  const pids = new Set(viewers.map(({ osProcessId }) => osProcessId));
  // Never the page's own, whatever a version of Chromium puts together.
  pids.delete(page.osProcessId);
  const metrics = app.getAppMetrics().filter(({ pid }) => pids.has(pid));
  return metrics.map(({ pid, memory }) => ({ pid, bytes: memory.workingSetSize * 1_024 }));
}
