import { field, parseReference } from '../json.ts';

/** Calls its end for everything at a path; `context` is handed through, so that nothing is made for each resource. */
export type Walk<Context> = (value: unknown, context: Context) => void;

const STEP = /^(\w+)(?:\[(?:>(\w+)|(\w+)=(\w+))\])?$/;

/** Compiles a path of the parameter table into one function, which `end` completes. An empty path is the value itself. */
export function compilePath<Context>(path: string, end: Walk<Context>): Walk<Context> {
  const steps = path === '' ? [] : path.split('.');
  return steps.reduceRight<Walk<Context>>((next, text) => {
    const [, member = '', target, key, wanted] = STEP.exec(text) ?? [];
    if (target !== undefined)
      return step(
        member,
        filtered(next, (value) => refersTo(value, target)),
      );
    if (key !== undefined)
      return step(
        member,
        filtered(next, (value) => field(value, key) === wanted),
      );
    return step(member, next);
  }, end);
}

function step<Context>(member: string, next: Walk<Context>): Walk<Context> {
  return (value, context) => {
    if (typeof value !== 'object' || value === null) return;
    const found = (value as Record<string, unknown>)[member];
    if (found === undefined || found === null) return;
    if (Array.isArray(found)) {
      for (const element of found) if (element !== null) next(element, context);
    } else next(found, context);
  };
}

function filtered<Context>(next: Walk<Context>, keeps: (value: unknown) => boolean): Walk<Context> {
  return (value, context) => {
    if (keeps(value)) next(value, context);
  };
}

/** `resolve() is T`, told from the reference itself. */
function refersTo(value: unknown, type: string): boolean {
  return (parseReference(field(value, 'reference'))?.type ?? field(value, 'type')) === type;
}
