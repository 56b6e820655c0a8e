import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical } from '../../../main/audit/log/canonical.ts';
import { releaseDocument } from '../../../main/updates/documents.ts';
import { believe, judge, positionOf, type Seen } from '../../../main/updates/judge.ts';
import { open, readKey, sha256, signedBytes } from '../../../main/updates/signed.ts';
import { compareVersions } from '../../../main/updates/version.ts';
import { DEB, feedKey, NOW, releaseOf, signedBy } from '../../support/feed.ts';

const ours = feedKey();
const keys = [readKey(ours.x)];
const version = fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20)).map((parts) => parts.join('.'));
const opened = (release = releaseOf('0.2.0')) => ({ value: release, digest: sha256(signedBytes(release)) });

describe('security: whatever is done to a signed document', () => {
  it('security: a changed byte is refused, or changes nothing of what it says', () => {
    const text = signedBy(releaseOf('0.2.0'), ours.key);
    const said = canonical(releaseOf('0.2.0'));
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.integer({ min: 32, max: 126 }), (at, code) => {
        const changed = `${text.slice(0, at)}${String.fromCharCode(code)}${text.slice(at + 1)}`;
        const read = open(changed, releaseDocument, keys);
        return !read.ok || canonical(read.value.value) === said;
      }),
      { numRuns: 2_000 },
    );
  });

  it('security: no other text is taken, and none makes the reader fail', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.jsonValue().map((one) => JSON.stringify({ signed: one, signatures: [] })),
        ),
        (text) => {
          expect(open(text, releaseDocument, keys).ok).toBe(false);
        },
      ),
    );
  });

  it('security: members that are told twice are read as they were signed', () => {
    const text = signedBy(releaseOf('0.2.0'), ours.key);
    const twice = text.replace('"version": "0.2.0"', '"version": "0.2.0", "version": "9.0.0"');
    expect(open(twice, releaseDocument, keys)).toEqual({ ok: false, error: { code: 'signature-wrong' } });
  });
});

describe('security: from document to document', () => {
  it('security: neither number nor version ever goes back, whatever comes', () => {
    const come = fc.array(fc.record({ serial: fc.integer({ min: 1, max: 6 }), version, time: fc.nat(60) }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(come, (all) => {
        let seen: Seen | null = null;
        for (const { serial, version: offered, time } of all) {
          const next = believe(opened(releaseOf(offered, { serial })), seen, NOW + time * 86_400_000);
          if (!next.ok) continue;
          if (seen) {
            expect(next.value.serial).toBeGreaterThanOrEqual(seen.serial);
            expect(compareVersions(next.value.version, seen.version)).toBeGreaterThanOrEqual(0);
          }
          expect(time).toBeLessThan(30);
          seen = next.value;
        }
      }),
    );
  });

  it('security: nothing that isn’t newer than what runs is ever offered', () => {
    fc.assert(
      fc.property(version, version, version, version, (offered, installed, minimum, updatesFrom) => {
        const here = { place: DEB, installed, ring: 'general', device: 'ward-7' };
        const verdict = judge(releaseOf(offered, { minimum, updatesFrom }), here);
        if (!verdict.ok || verdict.value.kind === 'none') return;
        expect(compareVersions(offered, installed)).toBeGreaterThan(0);
        expect(compareVersions(installed, updatesFrom)).toBeGreaterThanOrEqual(0);
        expect(verdict.value.isRequired).toBe(compareVersions(installed, minimum) < 0);
      }),
    );
  });
});

describe('a rollout', () => {
  const here = (device: string) => ({ place: DEB, installed: '0.1.0', ring: 'general', device });
  const hasIt = (device: string, share: number, changes = {}) => {
    const verdict = judge(releaseOf('0.2.0', { rings: { general: share }, ...changes }), here(device));
    return verdict.ok && verdict.value.kind === 'offer';
  };
  const devices = Array.from({ length: 1_000 }, (_, at) => `workstation-${at}`);

  it('comes to about its share of the workstations', () => {
    for (const share of [0.05, 0.5, 0.9]) {
      const count = devices.filter((device) => hasIt(device, share)).length;
      expect(Math.abs(count / devices.length - share)).toBeLessThan(0.06);
    }
  });

  it('takes nobody out again who was in, as the share grows', () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (device, a, b) => {
          if (hasIt(device, Math.min(a, b))) expect(hasIt(device, Math.max(a, b))).toBe(true);
        },
      ),
    );
  });

  it('begins elsewhere for another version', () => {
    const first = (of: string) => devices.filter((device) => positionOf(device, of) < 0.1);
    const [one, other] = [first('0.2.0'), new Set(first('0.3.0'))];
    expect(one.filter((device) => other.has(device)).length).toBeLessThan(one.length / 2);
  });

  it('comes to a whole ring at once where the version that runs is no longer to be used', () => {
    expect(hasIt('ward-7', 0.000_001, { minimum: '0.2.0' })).toBe(true);
    expect(hasIt('ward-7', 0, { minimum: '0.2.0' })).toBe(false);
  });
});
