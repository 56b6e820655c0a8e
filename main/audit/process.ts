import { openParentPort } from '../cache/parent-port.ts';
import { serve } from '../cache/rpc.ts';
import { storeErrorOf } from '../cache/store-error.ts';
import { createAuditLog } from './log.ts';

/* Entry of the audit process, an Electron utility process that outlives the lock. */

serve(openParentPort(), createAuditLog(), storeErrorOf);
