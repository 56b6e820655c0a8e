import { randomUUID } from 'node:crypto';
import { createIntake } from '../../../../main/documents/intake/intake.ts';
import { createDocumentsService } from '../../../../main/documents/service.ts';
import type { Recipient } from '../../../../main/documents/types.ts';
import { dyingFile } from './dying-file.ts';
import { context, openStation } from './station.ts';

/*
 * A file's way from a person's folder into the outbox, in a process of its own that stands in for main and the documents
 * process: where the program is killed, both die. It kills itself with SIGKILL once so many bytes of the ciphertext are
 * written, or at the nth step between two things that it leaves on the disk.
 */

export interface Task {
  readonly folder: string;
  readonly source: string;
  readonly recipient: Recipient;
  readonly title: string;
  /** Bytes of the ciphertext after which it dies, or the step at which it does; null: it lives. */
  readonly kill: { readonly bytes: number } | { readonly step: number } | null;
}

export interface Done {
  readonly steps: number;
  readonly bytes: number;
}

process.once('message', async ({ folder, source, recipient, title, kill }: Task) => {
  let steps = 0;
  const reached = () => {
    if (kill && 'step' in kill && kill.step === steps) process.kill(process.pid, 'SIGKILL');
    steps += 1;
  };
  const { openFile, written } = dyingFile(kill && 'bytes' in kill ? kill.bytes : null, reached);
  const station = openStation({
    ...{ folder, url: 'http://127.0.0.1:1', token: 'none', create: false },
    hooks: { before: reached, after: reached },
  });
  const service = createDocumentsService({ intake: createIntake(), newId: randomUUID, openFile });
  const documentId = randomUUID();
  const spool = station.queue.spoolPath(documentId);
  const rules = {
    maxBytes: 64 * 1024 * 1024,
    maxPixels: 1_000_000,
    kinds: ['text'],
    encryptedArchives: false,
  } as const;
  const request = { task: 'encrypt', source, spool, recipients: [recipient], context, signed: false, strip: false };
  const made = await service.encrypt({ ...request, rules });
  if (!made.ok) throw new Error(made.error.code);
  reached();
  const added = await station.queue.add(station.described(documentId, made.value, title));
  if (!added.ok) throw new Error(added.error.code);
  reached();
  station.close();
  process.send?.({ steps, bytes: written() } satisfies Done, () => process.exit(0));
});
