import type * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { Bundle } from '../../main/access/policy/bundle.ts';
import {
  createEngine,
  type Policies,
  type PolicyProblem,
  policiesOf,
  validateBundle,
} from '../../main/access/policy/engine.ts';
import {
  type AccessAction,
  actions,
  type Circumstances,
  type PolicyRequest,
  relations,
} from '../../main/access/policy/vocabulary.ts';

/** What is wrong with a bundle: first what keeps it from being taken, then what its author can't have meant. */
export function lint(bundle: Bundle): PolicyProblem[] {
  const invalid = validateBundle(bundle);
  if (invalid.length > 0) return invalid;
  const policies = policiesOf(bundle.policies);
  if (Array.isArray(policies)) return policies;
  const found = [...policies];
  return [
    ...found.flatMap(([id, policy]) => missingId(id, policy)),
    ...found.flatMap(([id, policy]) => unknownRoles(id, policy, bundle)),
    ...found.flatMap(([id, policy]) => neverApplies(id, policy, bundle)),
    ...unusedActions(found),
  ];
}

/** Without a name of its own nobody finds in a record of decisions what has forbidden something. */
function missingId(id: string, { effect, json }: Policies): PolicyProblem[] {
  if (json.annotations?.['id'] !== undefined) return [];
  return [{ policy: id, message: `a ${effect} without an @id annotation` }];
}

/** Every text that stands in a policy. */
function literals(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(literals);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(literals) : [];
}

function unknownRoles(id: string, { json }: Policies, { roles }: Bundle): PolicyProblem[] {
  const named = asked(json.conditions, 'roles');
  return named
    .filter((role) => !Object.hasOwn(roles, role))
    .map((role) => ({ policy: id, message: `no code of a PractitionerRole is named "${role}" in the roles` }));
}

/** Texts that an attribute is compared with, wherever in an expression. */
function asked(expression: unknown, attribute: string): string[] {
  if (Array.isArray(expression)) return expression.flatMap((one) => asked(one, attribute));
  if (typeof expression !== 'object' || expression === null) return [];
  return Object.entries(expression).flatMap(([operator, operand]) => {
    const sides = operand as { left?: unknown; right?: unknown } | null;
    const isAbout = [sides?.left, sides?.right].some((side) => attributeOf(side) === attribute);
    if (isAbout && operator !== '.') {
      const other = attributeOf(sides?.left) === attribute ? sides?.right : sides?.left;
      return literalValues(other);
    }
    return asked(operand, attribute);
  });
}

function attributeOf(expression: unknown): string | null {
  const access = (expression as { '.'?: { attr?: string } } | null | undefined)?.['.'];
  return access?.attr ?? null;
}

/** Texts that stand as values, such as in `["N", "R"]`. */
function literalValues(expression: unknown): string[] {
  if (Array.isArray(expression)) return expression.flatMap(literalValues);
  if (typeof expression !== 'object' || expression === null) return [];
  return Object.entries(expression).flatMap(([key, value]) =>
    key === 'Value' && typeof value === 'string' ? [value] : literalValues(value),
  );
}

/** More situations than these are not tried; a policy that needs more is too long to be read, too. */
const TRIED_MAX = 60_000;

/** A policy that no request could ever meet: a slip of the pen, or a rule that somebody relies on in vain. */
function neverApplies(id: string, policy: Policies, bundle: Bundle): PolicyProblem[] {
  const engine = createEngine({ ...bundle, policies: policy.text });
  if (Array.isArray(engine)) return engine;
  let tried = 0;
  for (const request of situations(policy, bundle)) {
    const { policies, failed } = engine.decide(request);
    if (policies.length > 0 || failed.length > 0) return [];
    tried += 1;
    if (tried > TRIED_MAX) return [{ policy: id, message: 'too many cases to tell whether it ever applies' }];
  }
  return [{ policy: id, message: 'it can never apply' }];
}

type Domain = { readonly [name: string]: readonly unknown[] };

/** Every request that the policy can tell apart: what it doesn't name has one value only. */
function* situations({ json, text }: Policies, { roles }: Bundle): Generator<PolicyRequest> {
  const said = literals(json);
  const has = (name: string) => text.includes(name);
  const when = <Value>(name: string, values: readonly Value[]): readonly Value[] =>
    has(name) ? values : values.slice(0, 1);
  const hours = [...text.matchAll(/\b\d{1,2}\b/g)].map(([digits]) => Number(digits));
  const domain: Domain = {
    action: actions.filter((one) => mayConcern(json, one)),
    relation: when('relation', relations),
    confidentiality: when('confidentiality', ['N', 'R', 'V', 'unknown']),
    resourceType: when('resourceType', [
      'Observation',
      'Patient',
      ...said.filter((one) => /^[A-Z][A-Za-z]{3,}$/.test(one)),
    ]),
    sensitivity: when('sensitivity', [[], ...asked(json.conditions, 'sensitivity').map((one) => [one]), ['PSY']]),
    own: when('own', [undefined, true, false]),
    roles: when('roles', [[], ...Object.keys(roles).map((role) => [role]), Object.keys(roles)]),
    scopes: has('scope') ? [null, [], ['user/*.cruds'], asked(json.conditions, 'scopes')] : [null],
    purpose: when('purpose', ['TREAT', 'ETREAT', 'BTG', 'CAREMGT', 'HOPERAT', ...asked(json.conditions, 'purpose')]),
    stated: when('stated', [false, true]),
    emergency: when('emergency', [false, true]),
    offline: when('offline', [false, true]),
    managed: when('managed', [false, true]),
    hour: when('hour', [...new Set([10, 0, 23, ...hours.flatMap((hour) => [hour - 1, hour, hour + 1])])]),
  };
  for (const one of product(domain)) yield requestOf(one);
}

function mayConcern({ action }: cedar.PolicyJson, name: AccessAction): boolean {
  if (action.op === 'All') return true;
  const ids = literals(action);
  return ids.includes(name) || (ids.includes('write') && ['create', 'update', 'delete'].includes(name));
}

function* product(domain: Domain): Generator<Record<string, unknown>> {
  const [first, ...rest] = Object.entries(domain);
  if (!first) {
    yield {};
    return;
  }
  const [name, values] = first;
  for (const others of product(Object.fromEntries(rest)))
    for (const value of values) yield { ...others, [name]: value };
}

function requestOf(one: Record<string, unknown>): PolicyRequest {
  const { action, roles, scopes, relation, confidentiality, resourceType, sensitivity, own, ...rest } = one;
  return {
    principal: { roles, scopes } as PolicyRequest['principal'],
    action: action as AccessAction,
    record: { relation, confidentiality, resourceType, sensitivity, own } as PolicyRequest['record'],
    circumstances: rest as unknown as Circumstances,
  };
}

/** Actions that nobody could ever do. */
function unusedActions(policies: [string, Policies][]): PolicyProblem[] {
  const permits = policies.filter(([, { effect }]) => effect === 'permit');
  return actions
    .filter((action) => !permits.some(([, { json }]) => mayConcern(json, action)))
    .map((action) => ({ policy: null, message: `no policy permits the action "${action}" to anybody` }));
}
