import { expect, it } from 'vitest';
import { createViewerMemory, VIEWER_MEMORY_MAX } from '../../../main/shell/viewer-memory.ts';

it('security: what shows a document is ended when it takes too much, and nothing else is', () => {
  const ended: number[] = [];
  const processes = [
    { pid: 7, bytes: VIEWER_MEMORY_MAX },
    { pid: 8, bytes: VIEWER_MEMORY_MAX + 1 },
  ];
  createViewerMemory({ processes: () => processes, end: (pid) => void ended.push(pid) })();
  expect(ended).toEqual([8]);
});
