import { describe, expect, it } from 'vitest';
import { policySchema } from '../../../main/managed/policy.ts';

const bucket = { kind: 's3', name: 'worm', endpoint: 'https://s3.example', region: 'eu-1', bucket: 'ward-audit' };

function accepts(delivery: object): boolean {
  return policySchema.safeParse({ audit: { delivery } }).success;
}

const withTarget = (target: object) => accepts({ organisationKey: 'PEM', targets: [target] });

describe('the policy of delivery', () => {
  it('delivers nothing where nothing is said, and keeps for six years', () => {
    const { delivery } = policySchema.parse({}).audit;
    expect(delivery).toEqual({ organisationKey: null, targets: [], retentionDays: 2_192, segmentMinutes: 15 });
  });

  it('takes each kind of target', () => {
    expect(withTarget(bucket)).toBe(true);
    expect(withTarget({ ...bucket, endpoint: 'http://127.0.0.1:9000', pathStyle: true })).toBe(true);
    expect(withTarget({ kind: 'fhir', name: 'ehr', server: 'https://fhir.example/fhir' })).toBe(true);
    expect(withTarget({ kind: 'directory', name: 'share', path: '/mnt/audit' })).toBe(true);
  });

  it.each([
    ['an address that is none', { ...bucket, endpoint: 'nonsense' }],
    ['plain http to another machine', { ...bucket, endpoint: 'http://s3.example' }],
    ['a password in the address', { ...bucket, endpoint: 'https://user:secret@s3.example' }],
    ['a key in the policy', { ...bucket, secretAccessKey: 'secret' }],
    ['a name that can’t be one of the keychain', { ...bucket, name: '../x' }],
    ['a kind that there isn’t', { ...bucket, kind: 'ftp' }],
    ['a bucket that can’t be one', { ...bucket, bucket: 'A/b' }],
  ])('security: refuses %s', (_, target) => {
    expect(withTarget(target)).toBe(false);
  });

  it('security: refuses targets without a key to seal to, two of one name, and what it doesn’t know', () => {
    expect(accepts({ targets: [bucket] })).toBe(false);
    expect(accepts({ organisationKey: 'PEM', targets: [bucket, bucket] })).toBe(false);
    expect(accepts({ organisationKey: 'PEM', deleteAfter: 1 })).toBe(false);
    expect(accepts({ organisationKey: 'PEM', retentionDays: 0 })).toBe(false);
  });
});
