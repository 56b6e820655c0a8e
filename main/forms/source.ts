import { LosslessNumber, parse } from 'lossless-json';
import * as z from 'zod';
import { FormError } from './failure.ts';
import { DEPTH_MAX, EXPRESSION_MAX, ITEMS_MAX, SOURCE_MAX } from './limits.ts';

/** The part of R4's Questionnaire that is read. What else is in it doesn't change what is asked. */
const extension = z.looseObject({ url: z.string() });
export type Extension = z.infer<typeof extension>;
const extended = { extension: z.array(extension).default([]) };
const modified = { modifierExtension: z.array(z.unknown()).default([]) };

const coding = z.object({
  system: z.string().optional(),
  version: z.string().optional(),
  code: z.string().optional(),
  display: z.string().optional(),
  ...extended,
});
export type Coding = z.infer<typeof coding>;

const option = z.looseObject({ ...extended, initialSelected: z.boolean().default(false) });

const condition = z.looseObject({
  question: z.string(),
  operator: z.enum(['exists', '=', '!=', '>', '<', '>=', '<=']),
});

const plainItem = z.object({
  linkId: z.string().min(1).max(255),
  type: z.enum([
    'group',
    'display',
    'boolean',
    'decimal',
    'integer',
    'date',
    'dateTime',
    'time',
    'string',
    'text',
    'url',
    'choice',
    'open-choice',
    'attachment',
    'reference',
    'quantity',
  ]),
  text: z.string().default(''),
  _text: z.object(extended).optional(),
  prefix: z.string().default(''),
  code: z.array(coding).default([]),
  required: z.boolean().default(false),
  repeats: z.boolean().default(false),
  readOnly: z.boolean().default(false),
  maxLength: z.int().positive().optional(),
  enableWhen: z.array(condition).default([]),
  enableBehavior: z.enum(['all', 'any']).default('any'),
  answerOption: z.array(option).default([]),
  answerValueSet: z.string().optional(),
  initial: z.array(z.looseObject({})).default([]),
  ...extended,
  ...modified,
});
export type SourceItem = z.infer<typeof plainItem> & { readonly item: readonly SourceItem[] };

const item: z.ZodType<SourceItem> = plainItem.extend({
  get item() {
    return z.array(item).default([]);
  },
});

const concept = z.object({
  system: z.string().optional(),
  code: z.string().optional(),
  display: z.string().optional(),
  ...extended,
});

/** A ValueSet within the form, as an expansion or as lists of codes. */
const valueSet = z.looseObject({
  resourceType: z.string(),
  id: z.string().optional(),
  expansion: z.object({ contains: z.array(concept).default([]) }).optional(),
  compose: z
    .object({
      include: z.array(
        z.looseObject({
          system: z.string().optional(),
          concept: z.array(concept).optional(),
          filter: z.unknown().optional(),
        }),
      ),
      exclude: z.array(z.unknown()).default([]),
    })
    .optional(),
});
export type ValueSet = z.infer<typeof valueSet>;

const questionnaire = z.object({
  resourceType: z.literal('Questionnaire'),
  id: z.string(),
  url: z.string().optional(),
  version: z.string().optional(),
  title: z.string().optional(),
  name: z.string().optional(),
  description: z.string().optional(),
  purpose: z.string().optional(),
  implicitRules: z.string().optional(),
  meta: z.object({ versionId: z.string().optional() }).default({}),
  contained: z.array(valueSet).default([]),
  item: z.array(item).default([]),
  ...extended,
  ...modified,
});
export type Source = z.infer<typeof questionnaire>;

/** The text of a Questionnaire, once it is known to be small enough to be looked at. */
export function readSource(text: string): { readonly source: Source; readonly json: object } {
  if (text.length > SOURCE_MAX) throw new FormError('form-too-large');
  const json = parsed(text);
  measure(json);
  const read = questionnaire.safeParse(parse(text, null, numberOf));
  if (!read.success) throw new FormError('form-malformed');
  // What isn't understood may change the meaning of the rest (R4 extensibility.html#modifierExtension).
  if (read.data.implicitRules !== undefined || read.data.modifierExtension.length > 0)
    throw new FormError('form-not-understood');
  return { source: read.data, json };
}

function parsed(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    throw new FormError('form-malformed');
  }
}

/** A number that JavaScript writes as it was written is one; of others, as of 1.50, the digits are kept. */
function numberOf(digits: string): number | LosslessNumber {
  return String(Number(digits)) === digits ? Number(digits) : new LosslessNumber(digits);
}

/** Without recursion: it is done before anything that recurs. */
function measure(json: object): void {
  let level: readonly unknown[] = [json];
  let count = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEPTH_MAX) throw new FormError('form-too-large');
    level = level.flatMap((one) => {
      const items = (one as { item?: unknown } | null)?.item;
      return Array.isArray(items) ? (items as readonly unknown[]) : [];
    });
    count += level.length;
    if (count > ITEMS_MAX) throw new FormError('form-too-large');
  }
}

/** The member of an extension, an option, an initial value or a condition that holds its value: `valueCoding`. */
export function valueMember(holder: object, stem = 'value'): readonly [type: string, value: unknown] | null {
  for (const [name, value] of Object.entries(holder)) {
    if (name.startsWith(stem) && name.length > stem.length) return [name.slice(stem.length), value];
  }
  return null;
}

const HL7 = 'http://hl7.org/fhir/StructureDefinition/';
const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-';

/** Extensions by their short names, with the addresses that they have had. */
const URLS = {
  hidden: [`${HL7}questionnaire-hidden`],
  minOccurs: [`${HL7}questionnaire-minOccurs`],
  maxOccurs: [`${HL7}questionnaire-maxOccurs`],
  minValue: [`${HL7}minValue`],
  maxValue: [`${HL7}maxValue`],
  minLength: [`${HL7}minLength`],
  maxDecimalPlaces: [`${HL7}maxDecimalPlaces`],
  regex: [`${HL7}regex`],
  entryFormat: [`${HL7}entryFormat`],
  unit: [`${HL7}questionnaire-unit`],
  unitOption: [`${HL7}questionnaire-unitOption`],
  optionExclusive: [`${HL7}questionnaire-optionExclusive`],
  ordinal: [`${HL7}ordinalValue`],
  weight: [`${HL7}itemWeight`],
  constraint: [`${HL7}questionnaire-constraint`],
  xhtml: [`${HL7}rendering-xhtml`],
  variable: [`${HL7}variable`],
  calculated: [`${SDC}calculatedExpression`],
  initial: [`${SDC}initialExpression`],
  enableWhen: [`${SDC}enableWhenExpression`],
  linkPeriod: [`${SDC}observationLinkPeriod`],
  answers: [`${SDC}answerExpression`, `${SDC}candidateExpression`, `${SDC}answerOptionsToggleExpression`],
  moreForms: [`${SDC}subQuestionnaire`],
} as const;
export type ExtensionName = keyof typeof URLS;

/** Extensions of a name. */
export function extensionsOf({ extension: all }: { readonly extension: readonly Extension[] }, name: ExtensionName) {
  return all.filter(({ url }) => (URLS[name] as readonly string[]).includes(url));
}

/** The value of the first extension of a name; undefined where there is none. */
export function extensionValue(holder: { readonly extension: readonly Extension[] }, name: ExtensionName): unknown {
  const [first] = extensionsOf(holder, name);
  return first && valueMember(first)?.[1];
}

const expression = z.object({
  language: z.string(),
  expression: z.string().min(1).max(EXPRESSION_MAX),
  name: z.string().max(100).optional(),
});
export type Expression = z.infer<typeof expression>;

/** An Expression (R4 metadatatypes.html#expression). One that can't be read can't be done as it was meant. */
export function expressionOf(value: unknown): Expression {
  const read = expression.safeParse(value);
  if (!read.success) throw new FormError('form-malformed');
  return read.data;
}
