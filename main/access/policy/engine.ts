import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { type Bundle, bundleHash } from './bundle.ts';
import { defaultBundle, defaultPolicies } from './defaults.ts';
import { cedarSchema } from './schema.ts';
import { type PolicyRequest, scopeOf } from './vocabulary.ts';

/** What the policies say of one request. */
export interface Verdict {
  readonly allowed: boolean;
  /** Ids of the policies that made the decision. */
  readonly policies: readonly string[];
  /** Ids of the policies that could not be evaluated: then the answer is no, whatever the others say. */
  readonly failed: readonly string[];
}

export interface Engine {
  decide(request: PolicyRequest): Verdict;
  /** Names for a clinician's codes (`system|code`). */
  rolesOf(codes: readonly string[]): string[];
}

/** Something that is wrong with a bundle, in words for whoever wrote it. */
export interface PolicyProblem {
  /** The policy's id; null where it is about the bundle as a whole. */
  readonly policy: string | null;
  readonly message: string;
}

export interface Policies {
  readonly effect: 'permit' | 'forbid';
  readonly text: string;
  readonly json: cedar.PolicyJson;
}

/** The policies of a bundle by their ids: that of the annotation, else `policy <place>`. */
export function policiesOf(text: string): Map<string, Policies> | PolicyProblem[] {
  const parts = cedar.policySetTextToParts(text);
  if (parts.type === 'failure') return parts.errors.map(({ message }) => ({ policy: null, message }));
  if (parts.policy_templates.length > 0) return [{ policy: null, message: 'templates are not supported' }];
  const found = new Map<string, Policies>();
  for (const [index, policy] of parts.policies.entries()) {
    const parsed = cedar.policyToJson(policy);
    if (parsed.type === 'failure') return parsed.errors.map(({ message }) => ({ policy: null, message }));
    const id = parsed.json.annotations?.['id'] ?? `policy ${index + 1}`;
    if (found.has(id)) return [{ policy: id, message: 'two policies have this id' }];
    found.set(id, { effect: parsed.json.effect, text: policy, json: parsed.json });
  }
  return found.size === 0 ? [{ policy: null, message: 'there is no policy' }] : found;
}

/** Texts of policies by their ids. */
type Texts = Record<string, string>;

/** What is wrong with a bundle's policies: by its own schema, and by that by which requests are made. */
export function validateBundle(bundle: Pick<Bundle, 'policies' | 'schema'>): PolicyProblem[] {
  const valid = validPolicies(bundle);
  return Array.isArray(valid) ? valid : [];
}

function validPolicies({ policies, schema }: Pick<Bundle, 'policies' | 'schema'>): Texts | PolicyProblem[] {
  const found = policiesOf(policies);
  if (Array.isArray(found)) return found;
  const staticPolicies = Object.fromEntries([...found].map(([id, { text }]) => [id, text]));
  const problems = [...new Set([schema, cedarSchema])].flatMap((one): PolicyProblem[] => {
    const answer = cedar.validate({ schema: one, policies: { staticPolicies } });
    if (answer.type === 'failure') return answer.errors.map(({ message }) => ({ policy: null, message }));
    return answer.validationErrors.map(({ policyId, error }) => ({ policy: policyId, message: error.message }));
  });
  return problems.length > 0 ? problems : staticPolicies;
}

const RECORD = { type: 'Record', id: 'record' };
const CLINICIAN = { type: 'Clinician', id: 'clinician' };

const made = new Map<string, Engine | PolicyProblem[]>();

/** Makes a bundle ready to be decided by, once; what is wrong with it where it can't be. */
export function createEngine(bundle: Bundle): Engine | PolicyProblem[] {
  const name = bundleHash(bundle);
  const engine = made.get(name) ?? freshEngine(bundle, name);
  made.set(name, engine);
  return engine;
}

function freshEngine(bundle: Bundle, name: string): Engine | PolicyProblem[] {
  // What is shipped was validated by a test, and isn't again at each start: that takes main's thread a third of a second.
  const staticPolicies = bundle === defaultBundle ? defaultPolicies : validPolicies(bundle);
  if (Array.isArray(staticPolicies)) return staticPolicies;
  const prepared = [cedar.preparseSchema(name, cedarSchema), cedar.preparsePolicySet(name, { staticPolicies })];
  const broken = prepared.flatMap((answer) => (answer.type === 'failure' ? answer.errors : []));
  if (broken.length > 0) return broken.map(({ message }) => ({ policy: null, message }));
  const names = Object.entries(bundle.roles);
  return {
    decide: (request) => verdictOf(cedar.statefulIsAuthorized(callOf(name, request))),
    rolesOf: (codes) => names.flatMap(([role, mapped]) => (mapped.some((code) => codes.includes(code)) ? [role] : [])),
  };
}

/** Deny by default: only a clean yes is one. Cedar leaves out a `forbid` that errs, so an error is a no. */
function verdictOf(answer: cedar.AuthorizationAnswer): Verdict {
  if (answer.type === 'failure') return { allowed: false, policies: [], failed: ['request'] };
  const { decision, diagnostics } = answer.response;
  const failed = diagnostics.errors.map(({ policyId }) => policyId);
  const policies = diagnostics.reason.toSorted();
  return { allowed: decision === 'allow' && failed.length === 0, policies, failed };
}

function callOf(
  name: string,
  { principal, action, record, circumstances }: PolicyRequest,
): cedar.StatefulAuthorizationCall {
  const { own, sensitivity, ...kind } = record;
  return {
    principal: CLINICIAN,
    action: { type: 'Action', id: action },
    resource: RECORD,
    context: { ...circumstances, scope: scopeOf(principal.scopes, action, record.resourceType) },
    preparsedSchemaName: name,
    validateRequest: true,
    preparsedPolicySetId: name,
    entities: [
      {
        uid: CLINICIAN,
        attrs: { roles: [...principal.roles], ...(principal.scopes ? { scopes: [...principal.scopes] } : {}) },
        parents: [],
      },
      {
        uid: RECORD,
        attrs: { ...kind, sensitivity: [...sensitivity], ...(own === undefined ? {} : { own }) },
        parents: [],
      },
    ],
  };
}
