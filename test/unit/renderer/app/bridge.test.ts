// @vitest-environment jsdom
import { expect, it } from 'vitest';
import { allInWords, inWords, placeholder, placeholders } from '../../../../preload/contract/placeholders.ts';
import { bridge, speakBy } from '../../../../renderer/app/bridge.ts';
import { bridgeInWords } from '../../../../renderer/app/wordedBridge.ts';
import { PLACEHOLDER_WORDS } from '../../../../renderer/parts/placeholderWords.ts';

speakBy((own) => bridgeInWords(own, (answer) => allInWords(answer, PLACEHOLDER_WORDS)));

it('has the words of the page in the place of main’s codes, in every answer and however deep', async () => {
  const answer = {
    ok: true,
    value: { items: [{ title: placeholder('substance'), more: [`${placeholder('masked')}; 2`] }] },
  };
  Object.assign(window, { wardlight: { chart: { read: async () => answer }, sync: { onChanged: () => 'stop' } } });
  const told = await bridge().chart.read({ patientId: 'p' });
  expect(told).toEqual({ ok: true, value: { items: [{ title: 'Unnamed substance', more: ['Masked; 2'] }] } });
  expect(answer.value.items[0]?.title).toBe(placeholder('substance'));
});

it('says something for every code', () => {
  for (const code of placeholders) expect(inWords(placeholder(code), PLACEHOLDER_WORDS)).toMatch(/^[A-Z][a-z ]+/);
});

it('leaves an answer without codes as it is, and a code that nobody knows', () => {
  const plain = { texts: ['a', null, 1, new Uint8Array(2)], more: { deep: [] } };
  expect(allInWords(plain, PLACEHOLDER_WORDS)).toBe(plain);
  expect(inWords('\uE0F0constructor\uE0F1', PLACEHOLDER_WORDS)).toBe('\uE0F0constructor\uE0F1');
});
