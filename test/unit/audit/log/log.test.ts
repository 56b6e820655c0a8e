import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { verifyCheckpoint } from '@sigstore/verify/dist/tlog/checkpoint.js';
import { verifyMerkleInclusion } from '@sigstore/verify/dist/tlog/merkle.js';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical } from '../../../../main/audit/log/canonical.ts';
import { type Checkpoint, openCheckpoint, signCheckpoint } from '../../../../main/audit/log/checkpoint.ts';
import { chained, chainStart, isAtPlace, leafOf, originOf, readLeaf } from '../../../../main/audit/log/entry.ts';
import { inclusionProof, leafHash, rootOf, subtreesOf } from '../../../../main/audit/log/merkle.ts';
import { createSigner, openNote, readVerifier } from '../../../../main/audit/log/note.ts';
import { type Head, headAfter, startOf } from '../../../../main/audit/log/verify.ts';

const origin = originOf('6d1f6c1e-1111-4222-8333-444455556666');
const signer = createSigner(origin, new Uint8Array(32).fill(7));
const verifier = readVerifier(signer.vkey)!;
const TIME = '2026-03-04T05:06:07.000Z';

describe('canonical JSON (RFC 8785)', () => {
  it('sorts by UTF-16 code units, and writes numbers and texts as the RFC’s example does', () => {
    const example = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonical(example)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    const keys = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 };
    expect(
      Object.values(
        JSON.parse(
          `[${canonical(keys)
            .match(/:(\d)/g)
            ?.map((one) => one.slice(1))}]`,
        ),
      ),
    ).toEqual([2, 4, 6, 7, 1, 5, 3]);
  });

  it('is one text, whatever the order of members', () => {
    const property = fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).toReversed());
      expect(canonical(turned)).toBe(canonical(value));
      expect(canonical(JSON.parse(canonical(value)) as object)).toBe(canonical(value));
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('is the same for what is sorted already', () => {
    const property = fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), (value) => {
      const text = canonical(value);
      expect(canonical(JSON.parse(text) as object)).toBe(text);
      expect(canonicalize(JSON.parse(text))).toBe(text);
    });
    fc.assert(property, { numRuns: 300 });
    expect(canonical({ '9': 1, '10': 2 })).toBe('{"10":2,"9":1}');
    expect(canonical({ text: '\\ud800 as text' })).toBe(canonicalize({ text: '\\ud800 as text' }));
  });

  it('refuses what UTF-8 can’t hold', () => {
    expect(() => canonical({ a: '\ud800' })).toThrow();
    expect(() => canonical({ a: [{ '\udfff': 1 }] })).toThrow();
    expect(() => canonical({ a: Number.NaN })).toThrow();
  });
});

describe('an entry', () => {
  it('says where it is, and is read back', () => {
    const chain = chainStart(origin);
    const property = fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (event, seq) => {
      const leaf = leafOf({ seq, previous: chain, event });
      expect(leaf).toBe(canonical({ version: 1, seq, previous: chain.toString('base64'), event }));
      expect(readLeaf(leaf)).toEqual({ seq, previous: chain, event: canonical(event) });
      expect(isAtPlace(leaf, seq, chain)).toBe(true);
      expect(isAtPlace(leaf, seq + 1, chain)).toBe(false);
      expect(isAtPlace(leaf, seq, chainStart(`${origin}x`))).toBe(false);
    });
    fc.assert(property, { numRuns: 200 });
  });

  it('is hashed and chained as the design says', () => {
    const sha256 = (...parts: (Uint8Array | string)[]) =>
      createHash('sha256')
        .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
        .digest();
    const start = sha256(origin);
    expect(chainStart(origin).equals(start)).toBe(true);
    const leaf = leafOf({ seq: 0, previous: start, event: { resourceType: 'AuditEvent', name: 'Zoë' } });
    expect(leafHash(leaf).equals(sha256(Uint8Array.of(0), leaf))).toBe(true);
    expect(chained(start, leafHash(leaf)).equals(sha256(start, leafHash(leaf)))).toBe(true);
  });

  it('is none where it isn’t written as one', () => {
    for (const leaf of ['', '{}', '{"event":{}}', '{"event":1,"previous":"x","seq":0,"version":1}']) {
      expect(readLeaf(leaf)).toBeNull();
    }
  });
});

describe('security: a signed note', () => {
  it('security: is what C2SP’s example of a note is', () => {
    // The example key and note of golang.org/x/mod/sumdb/note (BSD-3-Clause).
    const vkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
    const text =
      'If you think cryptography is the answer to your problem,\n' + "then you don't know what your problem is.\n";
    const note = `${text}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;
    const peter = readVerifier(vkey);
    expect(peter).not.toBeNull();
    expect(openNote(note, [peter!])).toEqual({ text, vkey });
    expect(openNote(note.replace('answer', 'Answer'), [peter!])).toBeNull();
  });

  it('security: opens by its own key only, and not once a bit of it is another', () => {
    const note = signer.sign('one line\nand another\n');
    expect(openNote(note, [verifier])?.text).toBe('one line\nand another\n');
    const other = readVerifier(createSigner(origin, new Uint8Array(32).fill(8)).vkey)!;
    expect(openNote(note, [other])).toBeNull();
    const property = fc.property(fc.nat({ max: note.length - 1 }), fc.integer({ min: 1, max: 94 }), (at, by) => {
      const changed = `${note.slice(0, at)}${String.fromCharCode(32 + ((note.charCodeAt(at) - 32 + by) % 95))}${note.slice(at + 1)}`;
      fc.pre(changed !== note);
      expect(openNote(changed, [verifier])).toBeNull();
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('security: takes no key whose id is another’s', () => {
    const [name, id, key] = [origin, ...signer.vkey.slice(origin.length + 1).split(/\+(.*)/s)];
    expect(readVerifier(`${name}+${id}+${key}`)).not.toBeNull();
    expect(readVerifier(`${name}+00000000+${key}`)).toBeNull();
    expect(readVerifier(`${name}x+${id}+${key}`)).toBeNull();
    for (const malformed of ['', '+', 'a+b+c', `${name}+${id}`]) expect(readVerifier(malformed)).toBeNull();
  });
});

function logOf(size: number): { head: Head; leaves: string[] } {
  let head = startOf(origin);
  const leaves: string[] = [];
  for (let seq = 0; seq < size; seq += 1) {
    const leaf = leafOf({ seq, previous: head.chain, event: { resourceType: 'AuditEvent', id: `e${seq}` } });
    leaves.push(leaf);
    head = headAfter(head, leafHash(leaf));
  }
  return { head, leaves };
}

const checkpointOf = ({ range, chain }: Head): Checkpoint => ({
  origin,
  size: range.size,
  root: rootOf(range),
  chain,
  time: TIME,
});

describe('security: a checkpoint', () => {
  it('security: is a note of origin, size and root, with chain and time behind', () => {
    const note = signCheckpoint(checkpointOf(logOf(5).head), signer);
    expect(note.split('\n').slice(0, 2)).toEqual([origin, '5']);
    expect(openCheckpoint(note, [verifier])).toEqual({ ...checkpointOf(logOf(5).head), vkey: signer.vkey });
  });

  it('security: is none where a line is missing, added or malformed, signed though it be', () => {
    const lines = signCheckpoint(checkpointOf(logOf(5).head), signer)
      .split('\n')
      .slice(0, 5);
    expect(openCheckpoint(signer.sign(`${lines.join('\n')}\n`), [verifier])).not.toBeNull();
    for (const [at, line] of [
      [0, ''],
      [1, '05'],
      [1, '-5'],
      [1, '99999999999999999'],
      [2, 'AAAA'],
      [3, 'chain'],
      [4, 'time x'],
      [4, `time ${TIME}\nmore`],
    ] as const) {
      expect(openCheckpoint(signer.sign(`${lines.with(at, line).join('\n')}\n`), [verifier]), line).toBeNull();
    }
  });
});

/** Sigstore's verifier of transparency logs: a second way to the same answers, of others. */
type SigstoreEntry = Parameters<typeof verifyCheckpoint>[0];

describe('security: Sigstore’s verifier', () => {
  const { head, leaves } = logOf(21);
  const note = signCheckpoint(checkpointOf(head), signer);
  const seed = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 7)]);
  const publicKey = createPublicKey(createPrivateKey({ key: seed, format: 'der', type: 'pkcs8' }));
  const tlog = { logID: verifier.keyId, baseURL: origin, publicKey, validFor: { start: new Date(0), end: new Date() } };
  const hashes = leaves.map(leafHash);
  const of = subtreesOf((first, end) => (end - first === 1 ? hashes[first] : undefined));
  const entryOf = (index: number, body = leaves[index] ?? '', envelope = note) =>
    ({
      canonicalizedBody: Buffer.from(body),
      inclusionProof: {
        logIndex: String(index),
        checkpoint: { envelope },
        hashes: inclusionProof(index, leaves.length, of),
      },
    }) as unknown as SigstoreEntry;

  it('security: takes our checkpoint, with the same size and root', () => {
    const checkpoint = verifyCheckpoint(entryOf(0), [tlog]);
    expect(checkpoint.logSize).toBe(21n);
    expect(checkpoint.logHash.equals(rootOf(head.range))).toBe(true);
    expect(checkpoint.rest).toHaveLength(2);
  });

  it('security: takes the proof of each entry, and none of an entry that was changed', () => {
    const checkpoint = verifyCheckpoint(entryOf(0), [tlog]);
    for (let index = 0; index < leaves.length; index += 1) verifyMerkleInclusion(entryOf(index), checkpoint);
    expect(() => verifyMerkleInclusion(entryOf(3, `${leaves[3]} `), checkpoint)).toThrow();
  });

  it('security: refuses what we refuse', () => {
    const envelope = note.replace('\n21\n', '\n20\n');
    expect(() => verifyCheckpoint(entryOf(0, undefined, envelope), [tlog])).toThrow();
    expect(openCheckpoint(envelope, [verifier])).toBeNull();
  });
});
