import { expect, test, vi } from 'vitest';
import { CodedError } from '../../../main/cache/store-error.ts';
import { createDocuments, type DocumentsOptions } from '../../../main/documents/documents.ts';

/** What the page may ask, over a queue that can't be written. */
function handlers(failure: Error) {
  const fails = () => Promise.reject(failure);
  const wake = vi.fn();
  const transfer = { id: 't', patientId: 'p', documentId: 'd', title: 'x', place: 1 };
  const options = {
    queue: { list: async () => [transfer], pause: fails, resume: fails, cancel: fails, move: fails },
    attaching: { cancel: async () => false, running: async () => [] },
    files: { withdraw: async () => ({ ok: true }) },
    wake,
  };
  return { ...createDocuments(options as unknown as DocumentsOptions), wake };
}

const calls = ['pause', 'resume', 'move', 'cancel'] as const;

test.each(calls)('says why a transfer can’t be changed where the disk is full: %s', async (call) => {
  for (const [thrown, code] of [
    ['disk-full', 'disk-full'],
    ['process-ended', 'store-failed'],
  ] as const) {
    const asked = handlers(new CodedError(thrown));
    expect(await asked[call]({ id: 't', place: 1 })).toEqual({ ok: false, error: { code } });
    expect(asked.wake).not.toHaveBeenCalled();
  }
  await expect(handlers(new TypeError('a bug'))[call]({ id: 't', place: 1 })).rejects.toThrow('a bug');
});
