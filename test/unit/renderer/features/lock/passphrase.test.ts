import { expect, it } from 'vitest';
import * as contract from '../../../../../preload/contract/session.ts';
import {
  PASSPHRASE_MAX,
  PASSPHRASE_MIN,
  passphraseProblem,
  strengthHint,
} from '../../../../../renderer/features/lock/passphrase.ts';

it('has the limits of the contract', () => {
  expect([PASSPHRASE_MIN, PASSPHRASE_MAX]).toEqual([contract.PASSPHRASE_MIN, contract.PASSPHRASE_MAX]);
});

it('must be long enough and typed twice', () => {
  expect(passphraseProblem('1234567', '1234567')).toContain('At least 8');
  expect(passphraseProblem('12345678', '1234567')).toContain('not the same');
  expect(passphraseProblem('12345678', '12345678')).toBeNull();
  expect(passphraseProblem('x'.repeat(257), 'x'.repeat(257))).toContain('At most 256');
});

it('hints by length', () => {
  const hints = ['', 'short', 'eightsig', 'fourteen signs', 'more than twenty signs'].map(strengthHint);
  expect(new Set(hints).size).toBe(hints.length);
});
