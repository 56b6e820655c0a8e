import { randomUUID } from 'node:crypto';
import { openParentPort } from '../cache/parent-port.ts';
import { serve } from '../cache/rpc.ts';
import { storeErrorOf } from '../cache/store-error.ts';
import { createIntake } from './intake/intake.ts';
import { createDocumentsService } from './service.ts';

/* Entry of the documents process, an Electron utility process that ends with the lock. */

serve(openParentPort(), { ...createDocumentsService({ intake: createIntake(), newId: randomUUID }) }, storeErrorOf);
