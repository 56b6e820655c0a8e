import * as z from 'zod';

/** How the digits at the end of a number are made of those before them. */
const check = z.enum(['none', 'luhn', 'mod97']);

const range = z
  .strictObject({
    /** Before the digits; with `luhn` digits and separators only, with `mod97` capital letters too. */
    prefix: z
      .string()
      .max(20)
      .regex(/^[A-Za-z0-9./-]*$/)
      .default(''),
    /** First and last number of this workstation, without the digits of the check. */
    from: z.int().min(0).max(999_999_999_999),
    to: z.int().min(0).max(999_999_999_999),
    /** Digits of each number, with zeros before it. */
    digits: z.int().min(1).max(12),
    check: check.default('none'),
  })
  .refine(({ from, to }) => from <= to, 'ends before it begins')
  .refine(({ to, digits }) => String(to).length <= digits, 'has numbers of more digits than it says')
  .refine((one) => one.check !== 'luhn' || !/[A-Za-z]/.test(one.prefix), 'Luhn has no letters')
  .refine((one) => one.check !== 'mod97' || !/[a-z]/.test(one.prefix), 'mod 97-10 has no small letters');
export type NumberRange = z.infer<typeof range>;

const pool = z
  .strictObject({
    kind: z.enum(['visit', 'specimen']),
    /** System of the identifiers. */
    system: z
      .string()
      .max(500)
      .regex(/^(?:https?:\/\/|urn:)\S+$/),
    range: range.nullable().default(null),
    /** Path of a file of IT with one number a line, all of them this workstation's. */
    list: z.string().min(1).max(1_000).nullable().default(null),
  })
  .refine((one) => (one.range === null) !== (one.list === null), 'is a range or a list');
export type NumberPool = z.infer<typeof pool>;

/** Identifiers that were reserved for this workstation, for when the EHR gives none (docs/operations.md, "Downtime numbers"). */
export const numbersSchema = z.strictObject({
  /** When visits and specimens may be registered here. */
  when: z.enum(['offline', 'always']).default('offline'),
  /** Of one kind several are used in their order: one that is empty is followed by the next. */
  pools: z.array(pool).min(1).max(10),
  /** Share of all numbers of a kind at which it is said that they run out. */
  warnShare: z.number().min(0).max(1).default(0.1),
  /** v3-ActCode of a visit, where nobody chooses another one. */
  visitClass: z.enum(['AMB', 'EMER', 'IMP', 'ACUTE', 'OBSENC', 'SS']).default('EMER'),
  /** Numbers of each kind on one sheet for paper. */
  perSheet: z.int().min(1).max(100).default(20),
  /** Hours for which the server is looked at for what others have registered beside what was registered here. */
  watchHours: z.int().min(0).max(720).default(72),
  /** Minutes between two specimens of one type within which the one may be the other. */
  specimenMinutes: z.int().min(0).max(1_440).default(30),
  /** Paper of a label, in millimetres. */
  label: z
    .strictObject({ width: z.int().min(30).max(210).default(70), height: z.int().min(20).max(297).default(36) })
    .prefault({}),
});
export type NumbersPolicy = z.infer<typeof numbersSchema>;
