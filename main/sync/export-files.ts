import { createHash } from 'node:crypto';
import type { ExportFile, Manifest } from '../fhir/bulk.ts';
import { recordTypes } from './plan.ts';

/** A file of an export under a name that is the same each time its manifest is asked for. */
export interface NamedFile {
  readonly file: ExportFile;
  readonly name: string;
  /** It holds what was deleted. */
  readonly deletions: boolean;
}

/** The files of an export, and by what the list of them is known again: a cursor of another list means nothing here. */
export interface NamedFiles {
  readonly files: readonly NamedFile[];
  readonly list: string;
}

/**
 * Names an export's files by their place among its sorted addresses: a server may list them in another order each time,
 * and sign their addresses anew (Bulk Data Access 2.0 promises neither). The files come in the order in which a clinician
 * needs the types.
 */
export function nameFiles({ output, deleted, transactionTime }: Manifest): NamedFiles {
  const listed = [
    ...output.map((file) => ({ file, deletions: false })),
    ...deleted.map((file) => ({ file, deletions: true })),
  ];
  const keyed = withKeys(listed).sort((a, b) => (a.key < b.key ? -1 : 1));
  const files = keyed.map(({ file, deletions }, at) => ({ file, deletions, name: String(at) }));
  const said = JSON.stringify([transactionTime, keyed.map(({ key }) => key)]);
  return {
    files: files.sort((a, b) => rank(a) - rank(b)),
    list: createHash('sha256').update(said).digest('base64url'),
  };
}

function rank({ file, deletions }: NamedFile): number {
  if (deletions) return recordTypes.length + 1;
  return recordTypes.includes(file.type) ? recordTypes.indexOf(file.type) : recordTypes.length;
}

/** Signatures are in the query, but so is, on some servers, all that tells one file from another. */
function withKeys<Listed extends Omit<NamedFile, 'name'>>(listed: readonly Listed[]): (Listed & { key: string })[] {
  const keyOf = ({ file, deletions }: Listed, address: string) => JSON.stringify([deletions, file.type, address]);
  const short = listed.map((one) => ({ ...one, key: keyOf(one, new URL(one.file.url).pathname) }));
  if (new Set(short.map(({ key }) => key)).size === listed.length) return short;
  return listed.map((one) => ({ ...one, key: keyOf(one, one.file.url) }));
}
