import * as z from 'zod';

/** What IT is told of a setting, in every template, and what holds where IT's own value can't be used. */
export interface Told<Value> {
  /** One or two sentences, for IT. */
  readonly text: string;
  /**
   * What holds instead of a value that is malformed: the one that gives least away. It never destroys anything sooner than
   * the default does, since a slip of the pen must not cost anybody's notes.
   */
  readonly strictest: Value;
  /** The version that had it first; 0.1.0 where it isn't said. */
  readonly since?: string;
}

const settings = z.registry<Told<unknown>>();

/** A value that machine policy sets by itself: it is one row of the list, and falls to its strictest by itself. */
export function setting<Schema extends z.ZodType>(schema: Schema, told: Told<z.output<Schema>>): Schema {
  settings.add(schema, told);
  // For the JSON schema that editors show.
  z.globalRegistry.add(schema, { description: told.text });
  return schema;
}

/** What was told of a setting; undefined for a group of them. */
export const toldOf = (schema: z.ZodType): Told<unknown> | undefined => settings.get(schema);

/**
 * How a schema reads that is gone by once or twice in the life of the program: zod compiles an object's schema at its
 * first use, which takes longer than such a use.
 */
export const UNCOMPILED = { jitless: true } as const;
