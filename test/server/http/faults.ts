import type { OperationOutcomeIssue } from 'fhir/r4';

/** Rules that make the server misbehave on purpose. */
export interface FaultRequest {
  method: string;
  path: string;
}

export interface FaultRule {
  /** Without it, every request of the FHIR and OAuth endpoints. */
  match?: (request: FaultRequest) => boolean;
  /** How often it strikes; without it, until removed. */
  times?: number;
  kind: 'latency' | 'status' | 'dropBefore' | 'dropAfter' | 'truncate';
  /** Of `latency`. */
  ms?: number;
  /** Of `status`. */
  status?: 400 | 403 | 404 | 422 | 429 | 500 | 501 | 503;
  /** Of `status`: seconds. */
  retryAfter?: number;
  /** Of `status`: why, as its OperationOutcome says it. */
  issue?: { code: OperationOutcomeIssue['code']; diagnostics: string; expression: string[] };
}

export interface Faults {
  /** Adds a rule; the returned function removes it. */
  add(rule: FaultRule): () => void;
  clear(): void;
  /** The rules that strike this request, counted down. */
  take(request: FaultRequest): FaultRule[];
}

export function createFaults(): Faults {
  const rules = new Map<FaultRule, number>();
  return {
    add(rule) {
      const own = { ...rule };
      rules.set(own, rule.times ?? Number.POSITIVE_INFINITY);
      return () => {
        rules.delete(own);
      };
    },
    clear: () => rules.clear(),
    take(request) {
      const striking: FaultRule[] = [];
      for (const [rule, left] of rules) {
        if (rule.match && !rule.match(request)) continue;
        striking.push(rule);
        if (left <= 1) rules.delete(rule);
        else rules.set(rule, left - 1);
        // Latency goes with any other fault; of those only the first strikes.
        if (rule.kind !== 'latency') break;
      }
      return striking;
    },
  };
}

/** The same over HTTP, where functions can't travel: `pathPrefix` or `pathPattern`, and `method`. */
export interface FaultSpec extends Omit<FaultRule, 'match'> {
  method?: string;
  pathPrefix?: string;
  pathPattern?: string;
}

const KINDS = ['latency', 'status', 'dropBefore', 'dropAfter', 'truncate'];

export function ruleFrom({ method, pathPrefix, pathPattern, ...rest }: FaultSpec): FaultRule {
  if (!KINDS.includes(rest.kind)) throw new Error(`"${String(rest.kind)}" is not one of ${KINDS.join(', ')}`);
  const pattern = pathPattern === undefined ? undefined : new RegExp(pathPattern);
  return {
    ...rest,
    match: (request) =>
      (method === undefined || request.method === method) &&
      (pathPrefix === undefined || request.path.startsWith(pathPrefix)) &&
      (pattern === undefined || pattern.test(request.path)),
  };
}
