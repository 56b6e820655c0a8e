import { isDeepStrictEqual } from 'node:util';
import { badRequest, FhirError } from './reply.ts';

/** JSON Patch, RFC 6902, on values that may hold raw numbers (see store/text.ts), which @medplum/core's would lose. */
export interface Operation {
  op: string;
  path: string;
  from?: string;
  value?: unknown;
}

const unprocessable = (why: string) => new FhirError(422, 'processing', why);

function tokens(pointer: unknown): string[] {
  if (typeof pointer !== 'string' || (pointer !== '' && !pointer.startsWith('/'))) {
    throw badRequest(`"${String(pointer)}" is not a JSON pointer`);
  }
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function index(array: unknown[], token: string, limit: number): number {
  if (!/^(0|[1-9]\d*)$/.test(token) || Number(token) >= limit) {
    throw unprocessable(`there is no item ${token} in an array of ${array.length}`);
  }
  return Number(token);
}

function step(value: unknown, token: string): unknown {
  if (Array.isArray(value)) return value[index(value, token, value.length)];
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, token)) {
    return (value as Record<string, unknown>)[token];
  }
  throw unprocessable(`there is no member "${token}"`);
}

const get = (document: unknown, pointer: string[]) => pointer.reduce(step, document);

function add(document: unknown, pointer: string[], value: unknown): unknown {
  const last = pointer.at(-1);
  if (last === undefined) return value;
  const parent = get(document, pointer.slice(0, -1));
  if (Array.isArray(parent))
    parent.splice(last === '-' ? parent.length : index(parent, last, parent.length + 1), 0, value);
  else if (typeof parent === 'object' && parent !== null) (parent as Record<string, unknown>)[last] = value;
  else throw unprocessable(`"${last}" can't be added to a plain value`);
  return document;
}

function remove(document: unknown, pointer: string[]): void {
  const last = pointer.at(-1);
  if (last === undefined) throw unprocessable('the whole resource cannot be removed');
  const parent = get(document, pointer.slice(0, -1));
  step(parent, last);
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete (parent as Record<string, unknown>)[last];
}

/** Plain values: numbers compare by value, whatever their literals (RFC 6902, section 4.6). */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
const copy = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copy(member)]));
};

function needValue(operation: Operation): unknown {
  if (!('value' in operation)) throw badRequest(`the operation "${operation.op}" needs a value`);
  return operation.value;
}

/** Applies all operations or throws; `document` is changed and must be discarded when it throws. */
export function applyJsonPatch(document: unknown, operations: Operation[]): unknown {
  let result = document;
  for (const operation of operations) {
    const path = tokens(operation.path);
    switch (operation.op) {
      case 'add':
        result = add(result, path, needValue(operation));
        break;
      case 'replace':
        get(result, path);
        if (path.length > 0) remove(result, path);
        result = add(result, path, needValue(operation));
        break;
      case 'remove':
        remove(result, path);
        break;
      case 'move': {
        if (`${operation.path}/`.startsWith(`${operation.from}/`) && operation.path !== operation.from) {
          throw unprocessable('a value cannot be moved into itself');
        }
        const moved = get(result, tokens(operation.from));
        remove(result, tokens(operation.from));
        result = add(result, path, moved);
        break;
      }
      case 'copy':
        result = add(result, path, copy(get(result, tokens(operation.from))));
        break;
      case 'test':
        if (!isDeepStrictEqual(plain(get(result, path)), plain(needValue(operation)))) {
          throw unprocessable(`the test of ${operation.path} failed`);
        }
        break;
      default:
        throw badRequest(`"${String(operation.op)}" is not a JSON Patch operation`);
    }
  }
  return result;
}
