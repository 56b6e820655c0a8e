import '../../../support/parent-port.ts';
import { randomUUID } from 'node:crypto';
import { openParentPort } from '../../../../main/cache/parent-port.ts';
import { serve } from '../../../../main/cache/rpc.ts';
import { storeErrorOf } from '../../../../main/cache/store-error.ts';
import { createIntake } from '../../../../main/documents/intake/intake.ts';
import { createDocumentsService } from '../../../../main/documents/service.ts';
import { dyingFile } from './dying-file.ts';

/* The documents process as main/documents/process.ts makes it, but that it may die at a byte of what it writes. */

const [, , byte] = process.argv;
const { openFile } = dyingFile(byte === undefined ? null : Number(byte));
const service = createDocumentsService({ intake: createIntake(), newId: randomUUID, openFile });

serve(openParentPort(), { ...service }, storeErrorOf);
