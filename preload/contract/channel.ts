import type { z } from 'zod';

/**
 * One thing that the page may ask of main. `request` and `response` are checked in main, which is the trust
 * boundary; `errors` is the closed list of codes that an answer may carry.
 */
export interface Channel<
  Request extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
  Code extends string = string,
> {
  readonly request: Request;
  readonly response: Response;
  readonly errors: readonly Code[];
}

/** Something that main tells the page; `payload` is checked before it leaves main. */
export interface EventChannel<Payload extends z.ZodType = z.ZodType> {
  readonly payload: Payload;
}

/** What every call answers: an expected failure is a value with a code, never an exception. */
export type Result<Value, Code extends string = string> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: Failure<Code> };

/** `code` is for IT and for choosing the words; `detail` never holds PHI, tokens or paths. */
export interface Failure<Code extends string = string> {
  readonly code: Code;
  readonly detail?: string;
}

/** Codes that any call may answer, whatever the feature. */
export const commonErrors = ['bad-request', 'bad-response', 'internal', 'locked', 'not-permitted'] as const;
export type CommonError = (typeof commonErrors)[number];

/** Declares a call; exists so that the literal types of codes and schemas are kept. */
export function call<Request extends z.ZodType, Response extends z.ZodType, const Code extends string = never>(
  request: Request,
  response: Response,
  errors: readonly Code[] = [],
): Channel<Request, Response, Code> {
  return { request, response, errors };
}

export function event<Payload extends z.ZodType>(payload: Payload): EventChannel<Payload> {
  return { payload };
}

/** Channel name on the wire, the same in preload and main. */
export function wireName(feature: string, name: string): string {
  return `wardlight:${feature}.${name}`;
}
