import { describe, expect, it } from 'vitest';
import { createBulkClient } from '../../../main/fhir/bulk.ts';

/** A file of one export that comes in parts of that text. */
async function read(parts: Iterable<string>) {
  const encoder = new TextEncoder();
  const iterator = parts[Symbol.iterator]();
  let ended = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { value, done } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    cancel() {
      ended = true;
    },
  });
  const client = createBulkClient({
    base: 'https://s/',
    fetch: async () => new Response(body),
    accessToken: async () => ({ ok: true, value: 't' }),
    requestId: () => 'r',
    after: () => () => undefined,
  });
  const lines: string[] = [];
  const take = async (some: string[]) => void lines.push(...some);
  const result = await client.lines('https://s/f', 0, take, new AbortController().signal);
  return { result, lines, ended };
}

function* repeated(text: string, times: number): Generator<string> {
  for (let at = 0; at < times; at += 1) yield text;
}

describe('lines of an export', () => {
  it('are whole, wherever their parts end', async () => {
    for (const parts of [['a\nb', 'c\n', '\n', 'd'], ['a', '\nbc\nd'], ['a\nbc\nd\n'], [...'a\nbc\n\nd\n']]) {
      expect((await read(parts)).lines).toEqual(['a', 'bc', 'd']);
    }
  });

  it('security: of any length are read once, not again with each part', async () => {
    const { lines, result } = await read(repeated('x'.repeat(2_048), 12_000));
    expect(result.ok).toBe(true);
    expect(lines.map(({ length }) => length)).toEqual([24_576_000]);
  });

  it('security: that have no end are not waited for', async () => {
    const { lines, result, ended } = await read(repeated('x'.repeat(1_048_576), 1_000));
    expect(result).toMatchObject({ ok: false, error: { code: 'server-answer-invalid' } });
    expect([lines, ended]).toEqual([[], true]);
  });
});
