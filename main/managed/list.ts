import * as z from 'zod';
import { policySchema } from './policy.ts';
import { toldOf, UNCOMPILED } from './setting.ts';

/** How a setting is written in a template: what its dialog offers, and how its text is read. */
export type SettingType = 'boolean' | 'integer' | 'number' | 'string' | 'choice' | 'list' | 'json';

/** One row of what machine policy can set. */
export interface Setting {
  /** Names of the groups and of the value, with dots between: `lock.idleMs`. */
  readonly key: string;
  readonly type: SettingType;
  /** Of a choice. */
  readonly values: readonly string[];
  readonly min: number | null;
  readonly max: number | null;
  readonly default: unknown;
  readonly strictest: unknown;
  readonly text: string;
  readonly since: string;
  readonly schema: z.ZodType;
}

const rows = (schema: z.ZodType, path: readonly string[]): readonly Setting[] => {
  const told = toldOf(schema);
  const inner = told ? schema : bare(schema);
  if (!told && inner instanceof z.ZodObject)
    return Object.entries(inner.shape as Record<string, z.ZodType>).flatMap(([name, one]) =>
      rows(one, [...path, name]),
    );
  if (!told) throw new Error(`${path.join('.')} has no text`);
  const { text, strictest, since = '0.1.0' } = told;
  return [
    {
      key: path.join('.'),
      ...formOf(schema),
      default: schema.parse(undefined, UNCOMPILED),
      strictest,
      text,
      since,
      schema,
    },
  ];
};

/** All that machine policy can set, in the order of the schema. */
export const settingsList: readonly Setting[] = rows(policySchema, []);

const groups = new Set(settingsList.flatMap(({ key }) => groupsOf(key)));

function groupsOf(key: string): string[] {
  const names = key.split('.');
  return names.slice(1).map((_, at) => names.slice(0, at + 1).join('.'));
}

/** Whether settings stand below a key. */
export const isGroupOfSettings = (key: string): boolean => groups.has(key);

/** Without its default, and without null for what is not set. */
function bare(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodNullable)
    return bare(schema.unwrap() as z.ZodType);
  return schema;
}

function formOf(schema: z.ZodType): Pick<Setting, 'type' | 'values' | 'min' | 'max'> {
  const inner = bare(schema);
  const none = { values: [], min: null, max: null };
  if (inner instanceof z.ZodBoolean) return { type: 'boolean', ...none };
  if (inner instanceof z.ZodEnum) return { type: 'choice', ...none, values: inner.options.map(String) };
  if (inner instanceof z.ZodNumber) return { ...none, ...numberForm(inner) };
  if (inner instanceof z.ZodString || inner instanceof z.ZodURL) return { type: 'string', ...none };
  if (inner instanceof z.ZodArray && ['string', 'enum'].includes(bare(inner.element as z.ZodType)._zod.def.type))
    return { type: 'list', ...none };
  return { type: 'json', ...none };
}

function numberForm({ isInt, minValue, maxValue }: z.ZodNumber): Pick<Setting, 'type' | 'min' | 'max'> {
  const bound = (value: number | null) => (value !== null && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : null);
  return { type: isInt ? 'integer' : 'number', min: bound(minValue), max: bound(maxValue) };
}
