import * as z from 'zod';

/** FHIR id (R4 datatypes.html#id). */
export const fhirId = z.string().regex(/^[A-Za-z0-9\-.]{1,64}$/);

/** FHIR date or dateTime as the server wrote it, any precision (R4 datatypes.html#dateTime). */
export const fhirDateTime = z.string().max(40);

/** FHIR instant (R4 datatypes.html#instant). */
export const instant = z.string().max(40);

/** A moment as of which records are asked for, as they were known here then. Without one they are as they are now. */
export const pastMoment = z.iso.datetime({ offset: true }).max(40);

/** Text for people. The bound keeps a hostile server from flooding the page. */
export const text = z.string().max(4_000);

/** A request without parameters. */
export const nothing = z.strictObject({});
