import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { createSecrets, joined, serverOf, thumbprintOf, type Values } from '../../../../build/keys/arguments.ts';

test('a thumbprint that begins with a dash, or two, is no option', () => {
  for (const thumbprint of ['A', '-', '--'].map((start) => start.padEnd(43, 'b'))) {
    expect(joined(['revoke', '--key', thumbprint, '--json'])).toEqual(['revoke', `--key=${thumbprint}`, '--json']);
  }
  for (const args of [['revoke', '--key', '--json'], ['revoke', '--key'], ['policy']])
    expect(joined(args)).toEqual(args);
});

function typed(lines: string, isTTY: boolean) {
  const input = Object.assign(new PassThrough(), { isTTY });
  input.end(lines);
  return createSecrets(input);
}

test('security: a new PIN is long enough, and typed twice where nobody sees what is typed', async () => {
  const asked = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(await typed('a-pin-of-its-own\n', false).askNew('PIN')).toBe('a-pin-of-its-own');
  expect(await typed('a-pin-of-its-own\na-pin-of-its-own\n', true).askNew('PIN')).toBe('a-pin-of-its-own');
  const slip = typed('a-pin-of-its-own\na-pin-of-its-owm\n', true).askNew('PIN');
  await expect(slip).rejects.toMatchObject({ code: 'secret-differs' });
  await expect(typed('1234567\n', false).askNew('PIN')).rejects.toMatchObject({ code: 'secret-short' });
  expect(await typed('1234567\n', false).ask('PIN')).toBe('1234567');
  asked.mockRestore();
});

test('security: an access token goes by https, or to this machine', () => {
  for (const server of ['https://fhir.example.org/r4', 'http://127.0.0.1:8080/fhir'])
    expect(serverOf({ server } as Values)).toBe(server);
  for (const server of ['http://fhir.example.org/r4', 'nonsense', 'file:///etc', ''])
    expect(() => serverOf({ server } as Values)).toThrow('--server');
});

test('security: a thumbprint with a slip in it is refused, and not said to be nobody’s', () => {
  expect(thumbprintOf({ key: 'A'.repeat(43) } as Values)).toBe('A'.repeat(43));
  for (const key of ['A'.repeat(42), `${'A'.repeat(42)}=`, ''])
    expect(() => thumbprintOf({ key } as Values)).toThrow('--key');
});
