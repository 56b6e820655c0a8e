import * as z from 'zod';
import { text } from './fhir.ts';

/** HL7 v2 style split name: `family` in capitals is the page's business. */
export const personName = z.strictObject({ family: text, given: text, prefix: text });
export type PersonName = z.infer<typeof personName>;
