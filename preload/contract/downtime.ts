import * as z from 'zod';
import { auditErrors } from './audit.ts';
import { call, event } from './channel.ts';
import { visitClass } from './clinical.ts';
import { fhirId, instant, nothing, text } from './fhir.ts';

const uuid = z.uuid();

/** Whose sheets are made: one patient's, or those of the list as it is filtered. */
export const binderScope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('patient'), patientId: fhirId }),
  z.strictObject({ kind: z.literal('list'), query: z.string().max(200) }),
]);
export type BinderScope = z.infer<typeof binderScope>;

/** A binder that is kept on the workstation, encrypted. */
export const binder = z.strictObject({
  id: uuid,
  scope: binderScope,
  /** When it was made, by the workstation's clock. */
  madeAt: instant,
  /** How old the oldest of its data is, by the server's clock; null where something was never fetched. */
  asOf: instant.nullable(),
  pages: z.int().positive(),
  patients: z.int().nonnegative(),
  /** Patients of the list whose sheets may not be printed. */
  withheld: z.int().nonnegative(),
});
export type Binder = z.infer<typeof binder>;

export const makeErrors = [
  'binder-off',
  'binder-busy',
  'binder-empty',
  'binder-layout',
  'binder-cancelled',
  'disk-full',
  'store-failed',
] as const;

export const downtimeState = z.strictObject({
  /** Policy lets binders be made. */
  on: z.boolean(),
  /** Policy lets them, labels and sheets of numbers be printed. */
  mayPrint: z.boolean(),
  /** Policy lets them be saved as files that are not encrypted. */
  maySave: z.boolean(),
  /** Minutes after which one is made by itself. */
  everyMinutes: z.int().positive(),
  /** The newest of the whole list, and of each patient of whom there is one; the newest first. */
  kept: z.array(binder).max(1_000),
  /** How far the one is that is being made. */
  making: z.strictObject({ scope: binderScope, done: z.int(), total: z.int() }).nullable(),
  /** Why the last one could not be made; null once one was. */
  failed: z.strictObject({ code: z.string().max(64), at: instant }).nullable(),
});
export type DowntimeState = z.infer<typeof downtimeState>;

const count = z.int().nonnegative();
/** How many numbers of a kind there are and are left; `low`: few, so that IT should give more. */
export const numberStanding = z.strictObject({ left: count, total: count, low: z.boolean() });
export type NumberStanding = z.infer<typeof numberStanding>;

/** Numbers that were reserved for this workstation. */
export const numbersState = z.strictObject({
  /** Null where policy has none of the kind. */
  visit: numberStanding.nullable(),
  specimen: numberStanding.nullable(),
  /** False where which were given can't be told: none is given then. */
  known: z.boolean(),
  /** Policy lets them be given now. */
  open: z.boolean(),
  visitClass,
  perSheet: z.int().positive(),
});
export type NumbersState = z.infer<typeof numbersState>;

export const numberSheetErrors = ['numbers-off', 'numbers-unknown', 'pool-empty', 'disk-full', 'store-failed'] as const;

const opened = z.strictObject({ handle: uuid });
const openErrors = ['not-found', 'binder-outdated', 'binder-damaged', 'store-failed', ...auditErrors] as const;

/** Sheets on paper for when nothing else works (docs/decisions/0059-downtime-binder.md). */
export const downtime = {
  calls: {
    state: call(nothing, downtimeState, []),
    /** Makes a binder and keeps it; whose records are in it is decided and recorded for each patient. */
    make: call(z.strictObject({ scope: binderScope }), binder, [...makeErrors, 'not-found', ...auditErrors]),
    /** Ends the making that is under way. */
    cancel: call(nothing, nothing, []),
    /** Opens one for the viewer; `handle` names it until it is closed. */
    open: call(z.strictObject({ id: uuid }), z.strictObject({ handle: uuid, size: z.int(), binder }), [...openErrors]),
    close: call(opened, nothing, []),
    /** Hands it to the OS's print dialog; recorded for each patient before. False: nothing was printed. */
    print: call(opened, z.strictObject({ printed: z.boolean() }), [
      'binder-not-open',
      'binder-outdated',
      ...auditErrors,
    ]),
    /** Saves it as a file that is not encrypted, where policy allows it; null: the person has cancelled. */
    saveAs: call(opened, z.strictObject({ name: text }).nullable(), [
      'binder-not-open',
      'binder-outdated',
      'disk-full',
      'store-failed',
      ...auditErrors,
    ]),
    /** Null where policy reserves none. */
    numbers: call(nothing, numbersState.nullable(), []),
    /** A label of a visit or a specimen with its barcode, by the OS's print dialog; recorded before. */
    printLabel: call(
      z.strictObject({ patientId: fhirId, type: z.enum(['Encounter', 'Specimen']), id: fhirId }),
      z.strictObject({ printed: z.boolean() }),
      ['not-found', 'label-layout', ...auditErrors],
    ),
    /** Takes numbers for paper and prints them. They count as given, whether or not they are printed. */
    printNumbers: call(nothing, z.strictObject({ printed: z.boolean(), visit: count, specimen: count }), [
      ...numberSheetErrors,
      'label-layout',
      ...auditErrors,
    ]),
  },
  events: {
    changed: event(downtimeState),
  },
} as const;
