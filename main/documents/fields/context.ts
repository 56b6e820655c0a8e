/**
 * To whom a sealed field belongs, who made it and why: in the JWE's protected header, so authenticated, and legible to
 * everybody who holds it. Ids are HMACs under the organisation's context key (base64url), as in a file's context.
 */
export interface FieldContext {
  readonly v: '1';
  /** Resource type. */
  readonly type: string;
  /** HMAC of type and id that the record has, or for a new one of its identifier. */
  readonly record: string;
  readonly patient: string;
  readonly author: string;
  /** Code of the author's role, or `unknown`. */
  readonly role: string;
  /** HL7 v3 purpose of use. */
  readonly purpose: string;
  /** Version of the access policy in force. */
  readonly policy: string;
  /** ISO instant, workstation time. */
  readonly created: string;
}

/** A field's own: `note.text`, places in lists left out, as others may add to a list. */
export type SealedContext = FieldContext & { readonly path: string };

/** What a field is to belong to before it is opened. */
export interface ExpectedField {
  readonly type: string;
  readonly patient: string;
  /** HMACs of the names that the record goes by: its id, and the identifier by which it was created. */
  readonly records: readonly string[];
  /** Only fields that were sealed under this policy's version. */
  readonly policy?: string;
}

const names = ['v', 'type', 'record', 'patient', 'path', 'author', 'role', 'purpose', 'policy', 'created'] as const;

/** The context of a protected header; null where it is none. */
export function readContext(value: unknown): SealedContext | null {
  if (typeof value !== 'object' || value === null) return null;
  const members = value as Record<string, unknown>;
  const isWhole =
    names.every((name) => typeof members[name] === 'string') && Object.keys(members).length === names.length;
  return isWhole && members['v'] === '1' ? (members as unknown as SealedContext) : null;
}

/** Names of what is another's in a field's context. */
export function differing(context: SealedContext, expected: ExpectedField & { readonly path: string }): string[] {
  const { records, ...same } = expected;
  const others = (['type', 'patient', 'path', 'policy'] as const).filter(
    (name) => same[name] !== undefined && same[name] !== context[name],
  );
  return records.includes(context.record) ? others : ['record', ...others];
}
