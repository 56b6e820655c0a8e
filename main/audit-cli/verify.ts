import { createPublicKey } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { checkFiles } from '../audit/export/report.ts';
import { type NoteVerifier, readVerifier, vkeyOf } from '../audit/log/note.ts';
import { numberOr, type Outcome, Refusal, readOr, USAGE, type Values } from './arguments.ts';

/** Verifies what has left a log with nothing but public keys. */
export async function verify(values: Values, files: readonly string[]): Promise<Outcome> {
  const keys = (values.key ?? []).map((file) => readOr(file, 'key-missing'));
  if (files.length === 0 || keys.length === 0) throw new Refusal('usage', USAGE);
  for (const file of files) if (!existsSync(file)) throw new Refusal('file-missing', `${file} is not there.`);
  const named = files.map((name) => ({ name, lines: () => createInterface({ input: createReadStream(name) }) }));
  const report = await checkFiles(named, verifiersBy(keys), numberOr(values.first, 0));
  const logs = report.logs.map(({ origin, size, time, ranges, uncompared }) =>
    [
      `${origin}: signed for ${size} entries at ${time ?? 'an unknown time'}`,
      `  proved: ${ranges.map(([from, to]) => `${from}–${to - 1}`).join(', ') || 'none'}`,
      ...uncompared.map(([one, other]) => `  ${one} and ${other} share nothing by which they could be compared`),
    ].join('\n'),
  );
  const problems = report.problems.map(({ code, file, first, end }) => `${code}: ${file}${placeOf(first, end)}`);
  const text = [...logs, ...problems, report.ok ? 'All holds.' : `${problems.length} problems.`].join('\n');
  return { text, value: { ...report }, ok: report.ok };
}

function placeOf(first: number, end: number): string {
  if (end <= first) return '';
  return end === first + 1 ? `, entry ${first}` : `, entries ${first}–${end - 1}`;
}

/** The key of a log, by its name; a PEM key goes for each log of its workstation. */
function verifiersBy(keys: readonly string[]): (origin: string) => NoteVerifier | null {
  const named = keys.flatMap((text) =>
    isPem(text) ? [] : text.split('\n').flatMap((line) => readVerifier(line) ?? []),
  );
  const plain = keys.filter(isPem).map((text) => {
    try {
      return createPublicKey(text);
    } catch {
      throw new Refusal('key-invalid', 'A key file holds no public key.');
    }
  });
  if (named.length + plain.length === 0) throw new Refusal('key-invalid', 'No key file holds a public key.');
  return (origin) =>
    named.find(({ name }) => name === origin) ??
    (plain[0] && plain.length === 1 ? readVerifier(vkeyOf(origin, plain[0])) : null);
}

function isPem(text: string): boolean {
  return text.includes('-----BEGIN');
}
