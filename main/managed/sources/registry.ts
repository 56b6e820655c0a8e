import { nested } from './flat.ts';
import { DOCUMENT_MAX, type Found, type Source } from './source.ts';

/** Where Group Policy writes, and only administrators can. */
export const POLICY_KEY = 'HKLM\\SOFTWARE\\Policies\\Wardlight';

/** What a program printed and how it ended; null where it could not be started. */
export type Run = (program: string, args: readonly string[]) => Promise<{ code: number; stdout: string } | null>;

/** Reads the key by Windows' own `reg`, which both Windows and what stands in for it have. */
export function createRegistrySource(run: Run, systemRoot: string): Source {
  return {
    name: 'registry',
    async find(): Promise<Found> {
      // The 64-bit view, whatever the program is.
      const answer = await run(`${systemRoot}\\System32\\reg.exe`, ['query', POLICY_KEY, '/reg:64']);
      if (answer === null) return { kind: 'problem', code: 'unreadable' };
      // `reg` tells a key that isn't there by 1, as it does what it may not read: readable by everybody, the key isn't there.
      if (answer.code !== 0) return { kind: 'none' };
      if (answer.stdout.length > DOCUMENT_MAX) return { kind: 'problem', code: 'too-large' };
      return { kind: 'document', document: nested(registryValues(answer.stdout)) };
    },
  };
}

/** Values of what `reg query` prints: `    name    REG_TYPE    data`. */
export function registryValues(printed: string): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const line of printed.split(/\r?\n/)) {
    const [, name, type, data = ''] = /^ {4}(.+?) {4}(REG_[A-Z_]+)(?: {4}(.*))?$/.exec(line) ?? [];
    if (name !== undefined && type !== undefined && name !== '(Default)') values[name] = dataOf(type, data);
  }
  return values;
}

function dataOf(type: string, data: string): unknown {
  if (type === 'REG_DWORD' || type === 'REG_QWORD') return Number(data);
  if (type === 'REG_MULTI_SZ') return data.split('\\0').filter((one) => one !== '');
  return type === 'REG_SZ' ? data : null;
}
