import { expect, it } from 'vitest';
import * as contract from '../../../../../preload/contract/session.ts';
import { PASSPHRASE_MAX, passphraseProblem } from '../../../../../renderer/features/lock/passphrase.ts';

it('has the limit of the contract', () => {
  expect(PASSPHRASE_MAX).toBe(contract.PASSPHRASE_MAX);
});

it('must be typed twice', () => {
  expect(passphraseProblem('12345678', '1234567')).toContain('not the same');
  expect(passphraseProblem('12345678', '12345678')).toBeNull();
  expect(passphraseProblem('x'.repeat(257), 'x'.repeat(257))).toContain('At most 256');
});
