import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { serve } from './rpc.ts';
import { storeErrorOf } from './store-error.ts';
import { createWriter } from './writer-operations.ts';

/*
 * Entry of the thread that has the connections which write. A thread of its own, as a page or a checkpoint takes longer
 * than a read may wait.
 */
if (parentPort) {
  const port = parentPort;
  const { operations, together } = createWriter();
  serve(port, operations, storeErrorOf, {
    // Pages that a fast server has sent meanwhile: what they change of the same page of the file is encrypted once.
    names: new Set(['applyPage', 'applyText', 'applyLines']),
    next: () => receiveMessageOnPort(port)?.message,
    together,
  });
}
