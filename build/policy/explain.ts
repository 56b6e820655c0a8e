import * as z from 'zod';
import type { Bundle } from '../../main/access/policy/bundle.ts';
import { createEngine, policiesOf } from '../../main/access/policy/engine.ts';
import { actions, type PolicyRequest, relations } from '../../main/access/policy/vocabulary.ts';
import { UsageError } from './source.ts';

/** Who asks: names of roles, or codes of PractitionerRoles (`system|code`), and the granted scopes. */
const user = z.strictObject({
  roles: z.array(z.string()).default([]),
  codes: z.array(z.string()).default([]),
  scopes: z.array(z.string()).nullable().default(null),
});

/** What is asked for. */
const patient = z.strictObject({
  relation: z.enum(relations).default('care-team'),
  resourceType: z.string().default('Observation'),
  confidentiality: z.enum(['N', 'R', 'V', 'unknown']).default('N'),
  sensitivity: z.array(z.string()).default([]),
  own: z.boolean().optional(),
});

const circumstances = z.strictObject({
  purpose: z.string().default('TREAT'),
  stated: z.boolean().default(false),
  emergency: z.boolean().default(false),
  offline: z.boolean().default(false),
  managed: z.boolean().default(false),
  hour: z.int().min(0).max(23).default(10),
});

export interface Question {
  readonly user: unknown;
  readonly patient: unknown;
  readonly circumstances: unknown;
  readonly action: string;
}

export interface Explanation {
  readonly decision: 'allow' | 'deny';
  /** The policies that made it; none where it is denied because nothing permits it. */
  readonly policies: { readonly id: string; readonly effect: string; readonly says: string | null }[];
  /** Policies that could not be evaluated. */
  readonly failed: readonly string[];
  readonly request: PolicyRequest;
}

/** The decision on one request, and the policies that made it. */
export function explain(bundle: Bundle, question: Question): Explanation {
  const engine = createEngine(bundle);
  if (Array.isArray(engine)) throw new UsageError(engine.map(({ message }) => message).join('; '));
  const { roles, codes, scopes } = read('--user', user, question.user);
  const action = read('--action', z.enum(actions), question.action);
  const request: PolicyRequest = {
    principal: { roles: [...new Set([...roles, ...engine.rolesOf(codes)])], scopes },
    action,
    record: read('--patient', patient, question.patient),
    circumstances: read('the circumstances', circumstances, question.circumstances),
  };
  const { allowed, policies: made, failed } = engine.decide(request);
  const known = policiesOf(bundle.policies);
  const policies = made.map((id) => {
    const policy = Array.isArray(known) ? undefined : known.get(id);
    return { id, effect: policy?.effect ?? 'unknown', says: policy?.json.annotations?.['says'] ?? null };
  });
  return { decision: allowed ? 'allow' : 'deny', policies, failed, request };
}

function read<Schema extends z.ZodType>(name: string, schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new UsageError(`${name}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
