import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { pageNames } from './operations.ts';
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
    names: pageNames,
    next: () => receiveMessageOnPort(port)?.message,
    together,
  });
}
