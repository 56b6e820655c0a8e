import { openParentPort } from './parent-port.ts';
import { serve } from './rpc.ts';
import { createService } from './service.ts';
import { storeErrorOf } from './store-error.ts';

/* Entry of the cache process, an Electron utility process. */

/** Entry of a thread beside this one: `.js` when built, `.ts` when run from source. */
function threadScript(name: string): URL {
  const own = import.meta.url;
  return new URL(`./${name}${own.slice(own.lastIndexOf('.'))}`, own);
}

serve(
  openParentPort(),
  createService({
    writerScript: threadScript('writer'),
    readerScript: threadScript('reader'),
    checkpointerScript: threadScript('checkpointer'),
    onWriterEnded: () => process.exit(1),
  }),
  storeErrorOf,
);
