import './no-compiling.ts';

import fc from 'fast-check';
import * as z from 'zod';
import { type Channel, commonErrors } from '../../../preload/contract/channel.ts';
import { contract } from '../../../preload/contract/index.ts';
import { exotic } from './exotic.ts';
import { arbitraryOf, type JsonSchema } from './fitting.ts';

/*
 * Runs in the page of the program that is attacked, put there by its debugger: only there do values exist that a message
 * to main can't even carry, and only there is it seen what comes back of them.
 */

export interface AttackOptions {
  /** Where the program has to stand. */
  readonly phase: 'locked' | 'unlocked';
  readonly seed: number;
  readonly runs: number;
  /** Ids of real records, so that what is called gets further than to the first look. */
  readonly known: readonly string[];
}

/** What came of one way of calling one function. */
export interface AttackReport {
  /** What was wrong with an answer, and how it was called; null where nothing was. */
  readonly fault: string | null;
  /** How often each code came back, or `ok`, or `not sent`. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** `anything`: mostly what no schema takes. `fitting`: what the schema takes, with hostile texts in it. */
export type AttackKind = 'anything' | 'fitting';

type Call = (...args: unknown[]) => Promise<unknown>;

/** Longest that a call may take; those that derive keys wait for each other. */
const ANSWER_MS = 30_000;
/** Longest text that may come with a code. */
const DETAIL_MAX = 200;
/** Codes that a bug reads as: in the contract, but nothing that a page sends may be able to cause one. */
const BUGS: readonly string[] = ['internal', 'bad-response'];

const channels = new Map<string, { feature: string; name: string; channel: Channel }>(
  Object.entries(contract).flatMap(([feature, { calls }]) =>
    Object.entries<Channel>(calls).map(
      ([name, channel]) => [`${feature}.${name}`, { feature, name, channel }] as const,
    ),
  ),
);

const json = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

/** A value that arrives in main as it was sent: what main refuses is known before. */
function isPlain(value: unknown): boolean {
  try {
    const text = JSON.stringify(value);
    return text !== undefined && !text.includes('__proto__') && fc.stringify(JSON.parse(text)) === fc.stringify(value);
  } catch {
    return false;
  }
}

function faultOf({ request, response, errors }: Channel, args: readonly unknown[], answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null) return 'answered no object';
  const { ok, value, error, ...more } = answer as Record<string, unknown>;
  if (Object.keys(more).length > 0) return 'answered more than the contract has';
  const fits = request.safeParse(args[0]).success;
  if (ok === true) {
    if (!fits && isPlain(args[0])) return 'took a request that doesn’t fit';
    return response.safeParse(value).success ? null : 'answered what doesn’t fit';
  }
  const { code, detail = '', ...rest } = error as Record<string, unknown>;
  if (typeof code !== 'string' || ![...commonErrors, ...errors].includes(code)) return `answered the code ${code}`;
  if (BUGS.includes(code)) return `answered the code ${code}`;
  if (!fits && code !== 'bad-request' && isPlain(args[0])) return `answered ${code} to what doesn’t fit`;
  if (Object.keys(rest).length > 0) return 'told more of a failure than code and detail';
  const isShort = typeof detail === 'string' && detail.length <= DETAIL_MAX && !/[/\\]/.test(detail);
  return isShort ? null : `told of ${code}: ${detail}`;
}

/** Electron says so of what main has thrown; anything else was refused before it left the page. */
const THROWN_IN_MAIN = /remote method/;

async function callOnce(name: string, args: readonly unknown[]): Promise<{ outcome: string; fault: string | null }> {
  const { feature, name: member, channel } = channels.get(name)!;
  const call = (window.wardlight as unknown as Record<string, Record<string, Call>>)[feature]?.[member];
  if (!call) return { outcome: 'absent', fault: 'is not there' };
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, ANSWER_MS, 'late');
    });
    const answer = await Promise.race([call(...args), late]);
    if (answer === 'late') return { outcome: 'late', fault: 'answered nothing' };
    const { ok, error } = answer as { ok: boolean; error?: { code: string } };
    return { outcome: ok ? 'ok' : String(error?.code), fault: faultOf(channel, args, answer) };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { outcome: 'not sent', fault: THROWN_IN_MAIN.test(said) ? `threw: ${said}` : null };
  } finally {
    clearTimeout(timer);
  }
}

/** Lists of arguments, the first of which is what the bridge takes. */
function argumentsOf(name: string, kind: AttackKind, known: readonly string[]): fc.Arbitrary<unknown[]> {
  const { channel } = channels.get(name)!;
  const fitting = arbitraryOf(json(channel.request), known).filter((value) => channel.request.safeParse(value).success);
  if (kind === 'fitting') return fitting.map((value) => [value]);
  const near = fc
    .tuple(fitting, fc.string(), fc.oneof(fc.jsonValue(), exotic))
    .map(([value, member, other]) => ({ ...(value as object), [nearby(value, member)]: other }));
  const first = fc.oneof(fc.jsonValue(), fc.anything(), near, near, exotic);
  return fc.oneof(
    { weight: 6, arbitrary: first.map((value) => [value]) },
    { weight: 1, arbitrary: fc.array(first, { maxLength: 4 }) },
  );
}

/** A member that the value has, or one that it hasn't. */
function nearby(value: unknown, member: string): string {
  const names = Object.keys(value as object);
  return names[member.length % (names.length + 1)] ?? member;
}

/** Null where the program stands elsewhere. */
async function attack(name: string, kind: AttackKind, options: AttackOptions): Promise<AttackReport | null> {
  const { phase, seed, runs, known } = options;
  const state = await window.wardlight.session.state({});
  if (!state.ok || state.value.phase !== phase) return null;
  const outcomes: Record<string, number> = {};
  const takesNothing = Object.keys(json(channels.get(name)!.channel.request)['properties'] ?? {}).length === 0;
  const property = fc.asyncProperty(argumentsOf(name, kind, known), async (args) => {
    const { outcome, fault } = await callOnce(name, args);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    if (fault !== null) throw new Error(fault);
  });
  const isSingle = kind === 'fitting' && takesNothing;
  const result = await fc.check(property, { seed, numRuns: isSingle ? 1 : runs, interruptAfterTimeLimit: 60_000 });
  if (!result.failed) return { fault: null, outcomes };
  const { counterexample, errorInstance } = result;
  const said = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return { fault: `${said}: ${fc.stringify(counterexample?.[0]).slice(0, 500)}`, outcomes };
}

/** What a test calls, from outside. */
export interface BridgeAttack {
  readonly names: readonly string[];
  attack(name: string, kind: AttackKind, options: AttackOptions): Promise<AttackReport | null>;
}

Object.assign(globalThis, { bridgeAttack: { names: [...channels.keys()], attack } satisfies BridgeAttack });
