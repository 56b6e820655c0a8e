import { expect, test } from 'vitest';
import { joined } from '../../../../build/keys/arguments.ts';

test('a thumbprint that begins with a dash, or two, is no option', () => {
  for (const thumbprint of ['A', '-', '--'].map((start) => start.padEnd(43, 'b'))) {
    expect(joined(['revoke', '--key', thumbprint, '--json'])).toEqual(['revoke', `--key=${thumbprint}`, '--json']);
  }
  for (const args of [['revoke', '--key', '--json'], ['revoke', '--key'], ['policy']])
    expect(joined(args)).toEqual(args);
});
