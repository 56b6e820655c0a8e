import { maintenance } from './maintenance-operations.ts';
import { openParentPort } from './parent-port.ts';
import { serve } from './rpc.ts';
import { storeErrorOf } from './store-error.ts';

/* Entry of the process that changes the keys of closed databases, an Electron utility process. */
serve(openParentPort(), maintenance, storeErrorOf);
