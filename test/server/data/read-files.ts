import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { arrayItems, objectMembers } from '../store/text.ts';

/** A resource as found in a file. */
export interface Item {
  text: string;
  /** Of its Bundle entry. */
  fullUrl: string | undefined;
}

function textOf(path: string): string {
  const bytes = readFileSync(path);
  if (path.endsWith('.gz')) return gunzipSync(bytes).toString('utf8');
  if (path.endsWith('.zst')) return zstdDecompressSync(bytes).toString('utf8');
  return bytes.toString('utf8');
}

function fromBundle(text: string): Item[] {
  const members = objectMembers(text);
  const type = members.get('resourceType');
  if (!type || text.slice(type.start, type.end) !== '"Bundle"') return [{ text, fullUrl: undefined }];
  const entries = members.get('entry');
  return (entries ? arrayItems(text, entries.start) : []).flatMap((span) => {
    const entry = objectMembers(text, span.start);
    const resource = entry.get('resource');
    const url = entry.get('fullUrl');
    if (!resource) return [];
    return [
      {
        text: text.slice(resource.start, resource.end),
        fullUrl: url && (JSON.parse(text.slice(url.start, url.end)) as string),
      },
    ];
  });
}

const DATA_FILE = /\.(ndjson|jsonl|json)(\.gz|\.zst)?$/;

/** All resources in the NDJSON and Bundle files under a directory, in the order of their names. */
export function readItems(directory: string): Item[] {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => DATA_FILE.test(name))
    .sort();
  return files.flatMap((name) => {
    const text = textOf(join(directory, name)).replace(/^\uFEFF/, '');
    try {
      if (!/\.(ndjson|jsonl)/.test(name)) {
        JSON.parse(text);
        return fromBundle(text);
      }
      return text.split('\n').flatMap((line) => (line.trim() ? [{ text: line.trim(), fullUrl: undefined }] : []));
    } catch (error) {
      throw new Error(`${name}: ${(error as Error).message}`);
    }
  });
}
