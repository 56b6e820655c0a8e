import '../../../support/parent-port.ts';
import { openParentPort } from '../../../../main/cache/parent-port.ts';
import { serve } from '../../../../main/cache/rpc.ts';
import { storeErrorOf } from '../../../../main/cache/store-error.ts';
import { createDocumentsService } from '../../../../main/documents/service.ts';
import { plainIntake } from './intake.ts';

/* The documents process as main/documents/process.ts makes it, but for what looks into files. */

let handles = 0;
function newId(): string {
  handles += 1;
  return `handle ${handles}`;
}

serve(openParentPort(), { ...createDocumentsService({ intake: plainIntake, newId }) }, storeErrorOf);
