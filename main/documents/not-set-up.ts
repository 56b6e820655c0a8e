import type { Reads } from '../access/reads.ts';
import type { Handlers } from '../ipc/bind.ts';

const refused = { ok: false, error: { code: 'not-set-up' } } as const;
const unknown = { ok: false, error: { code: 'not-found' } } as const;
const done = { ok: true, value: {} } as const;

/** What the page gets of documents where the organisation has set up none: that there are some, and nothing of them. */
export function documentsNotSetUp(reads: Pick<Reads, 'documents'>): Handlers['documents'] {
  return {
    async list({ patientId }) {
      const listed = await reads.documents(patientId);
      if (!listed.ok) return listed;
      const items = listed.value.items.map(({ encrypted, ...item }) => ({
        ...item,
        openability: encrypted === null ? ('not-encrypted' as const) : ('not-set-up' as const),
      }));
      const value = {
        ...listed.value,
        items,
        attachProblem: 'not-set-up',
        mayPhotograph: false,
        mayScan: false,
        maySave: false,
        mayOpenWith: false,
      } as const;
      return { ok: true, value };
    },
    pick: () => refused,
    beginPhoto: () => refused,
    photoTaken: () => refused,
    endPhoto: () => done,
    scanners: () => refused,
    scan: () => refused,
    cancelScan: () => done,
    forget: () => done,
    attach: () => refused,
    transfers: () => ({ ok: true, value: { items: [] } }),
    pause: () => unknown,
    resume: () => unknown,
    cancel: () => unknown,
    move: () => unknown,
    open: () => refused,
    cancelOpen: () => done,
    close: () => done,
    saveAs: () => ({ ok: false, error: { code: 'not-open' } }),
    openWith: () => ({ ok: false, error: { code: 'not-open' } }),
  };
}
