import { nested } from './flat.ts';
import { DOCUMENT_MAX, type Found, type Source, UNUSABLE } from './source.ts';

/** Where Group Policy writes, and only administrators can. */
export const POLICY_KEY = 'HKLM\\SOFTWARE\\Policies\\Wardlight';

/** What a program printed and how it ended; null where it could not be started. */
export type Run = (program: string, args: readonly string[]) => Promise<{ code: number; stdout: string } | null>;

/** Reads the key by Windows' own `reg`, which both Windows and what stands in for it have. */
export function createRegistrySource(run: Run, systemRoot: string): Source {
  // The 64-bit view, whatever the program is.
  const query = (key: string) => run(`${systemRoot}\\System32\\reg.exe`, ['query', key, '/reg:64']);

  /** `reg` ends the same way where a key isn't there and where it fails: that it isn't there is what its parent tells. */
  async function whyNot(key: string): Promise<Found> {
    const parent = key.slice(0, key.lastIndexOf('\\'));
    if (parent === '') return unreadable;
    const answer = await query(parent);
    if (answer === null) return unreadable;
    if (answer.code !== 0) return parent.includes('\\') ? whyNot(parent) : unreadable;
    return keysIn(answer.stdout).includes(nameOf(key).toLowerCase()) ? unreadable : { kind: 'none' };
  }

  return {
    name: 'registry',
    async find(): Promise<Found> {
      const answer = await query(POLICY_KEY);
      if (answer === null) return unreadable;
      if (answer.code !== 0) return whyNot(POLICY_KEY);
      if (answer.stdout.length > DOCUMENT_MAX) return { kind: 'problem', code: 'too-large' };
      return { kind: 'document', document: nested(registryValues(answer.stdout)) };
    },
  };
}

const unreadable: Found = { kind: 'problem', code: 'unreadable' };

const nameOf = (key: string) => key.slice(key.lastIndexOf('\\') + 1);

/** Whole names of keys stand at the beginning of a line. */
const KEY = /^HKEY_[A-Z_]+\\/;
const VALUE = /^ {4}(.+?) {4}(REG_[A-Z_]+)(?: {4}(.*))?$/;

/** Names, in small letters, of the keys that are printed. */
const keysIn = (printed: string) =>
  printed
    .split(/\r?\n/)
    .filter((line) => KEY.test(line))
    .map((line) => nameOf(line.trim()).toLowerCase());

/**
 * Values of what `reg query` prints: `    name    REG_TYPE    data`. A key below this one holds no settings: it is told by
 * its name with a backslash, which no setting has.
 */
export function registryValues(printed: string): [string, unknown][] {
  const values: { name: string; type: string; data: string }[] = [];
  const own = POLICY_KEY.replace('HKLM', 'HKEY_LOCAL_MACHINE').toLowerCase();
  for (const line of printed.split(/\r?\n/)) {
    const [, name, type, data = ''] = VALUE.exec(line) ?? [];
    const last = values.at(-1);
    if (name !== undefined && type !== undefined) values.push({ name, type, data });
    else if (KEY.test(line)) {
      if (line.trim().toLowerCase() !== own) values.push({ name: `${nameOf(line.trim())}\\`, type: '', data: '' });
    }
    // A text of several lines, such as a key that was pasted.
    else if (last && line !== '') last.data += `\n${line}`;
  }
  // What has no name stands under a word of the system's language, in brackets.
  return values.filter(({ name }) => !/^\(.*\)$/.test(name)).map(({ name, type, data }) => [name, dataOf(type, data)]);
}

/** Stands for letters that the console's code page doesn't have. */
const LOST = '\ufffd';

function dataOf(type: string, data: string): unknown {
  if (data.includes(LOST)) return UNUSABLE;
  if (type === 'REG_DWORD' || type === 'REG_QWORD') return Number(data);
  if (type === 'REG_MULTI_SZ') return data.split('\\0').filter((one) => one !== '');
  return type === 'REG_SZ' ? data : UNUSABLE;
}
