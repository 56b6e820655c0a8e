import { contextBridge } from 'electron';
import { createFakeBridge } from '../../unit/renderer/support/fakeBridge.ts';
import { fakePatients } from '../../unit/renderer/support/fakeData.ts';
import { documents, opens, queue } from './documents.ts';

let picks = 0;
/** What is said of the second file that is picked, and of the third. */
const REFUSALS = ['file-too-many-pixels', 'file-bomb'] as const;

/** In the main frame only, as the program's own. */
const { bridge } = createFakeBridge({
  patients: fakePatients(3),
  documents: {
    items: documents,
    more: { maySave: true },
    queue,
    pick: async () => {
      picks += 1;
      const code = REFUSALS[picks - 2];
      if (code) return { ok: false, error: { code } };
      return { ok: true, value: { pickId: opens['d1'].handle, name: 'IMG_0042.JPG', size: 3_400_000, kind: 'image' } };
    },
    open: async ({ documentId }) => {
      const opened = Object.hasOwn(opens, documentId) ? opens[documentId as keyof typeof opens] : null;
      return opened ? { ok: true, value: opened } : { ok: false, error: { code: 'context-mismatch' } };
    },
  },
});
contextBridge.exposeInMainWorld('wardlight', bridge);
