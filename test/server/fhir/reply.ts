import type { OperationOutcome } from 'fhir/r4';

/** What a handler answers; `body` is JSON text or bytes, sent as it is. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Of the version that it is about, to the millisecond, which `Last-Modified` isn't. */
  lastUpdated?: string;
}

type Code = OperationOutcome['issue'][number]['code'];

export function outcome(
  severity: 'error' | 'warning' | 'information',
  code: Code,
  diagnostics: string,
): OperationOutcome {
  return { resourceType: 'OperationOutcome', issue: [{ severity, code, diagnostics }] };
}

/** A request that ends in an OperationOutcome; thrown where found, answered in one place. */
export class FhirError extends Error {
  readonly status: number;
  readonly code: Code;
  readonly headers: Record<string, string>;
  readonly expression: string[] | undefined;
  /** Without an OperationOutcome. */
  readonly isBare: boolean;

  constructor(
    status: number,
    code: Code,
    message: string,
    extra: { headers?: Record<string, string>; expression?: string[]; isBare?: boolean } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = extra.headers ?? {};
    this.expression = extra.expression;
    this.isBare = extra.isBare ?? false;
  }
}

export function errorReply(error: FhirError): Reply {
  if (error.isBare) return { status: error.status, headers: error.headers };
  const body = outcome('error', error.code, error.message);
  if (error.expression) body.issue[0]!.expression = error.expression;
  return { status: error.status, headers: error.headers, body: JSON.stringify(body) };
}

export const notFound = (what: string) => new FhirError(404, 'not-found', `${what} is not known`);
export const badRequest = (why: string) => new FhirError(400, 'invalid', why);
export const preconditionFailed = (why: string) => new FhirError(412, 'conflict', why);
