import { expect, test } from 'vitest';
import { fullTextOf } from '../../../../main/cache/search/text.ts';

const narrative = (div: string) => fullTextOf('Condition', { text: { div } }).narrative;

function attached(contentType: string, data: Buffer): string {
  const attachment = { contentType, data: data.toString('base64') };
  return fullTextOf('DocumentReference', { content: [{ attachment }] }).content;
}

test.each([
  ['text/plain;charset=windows-1252', Buffer.from('Lungen\u00f6dem', 'latin1')],
  ['text/plain; charset="iso-8859-1"', Buffer.from('Lungen\u00f6dem', 'latin1')],
  ['TEXT/PLAIN; Charset=LATIN1', Buffer.from('Lungen\u00f6dem', 'latin1')],
  ['text/plain; charset=utf-16le', Buffer.from('Lungen\u00f6dem', 'utf16le')],
  ['text/plain; charset=none-such', Buffer.from('Lungen\u00f6dem')],
  ['text/plain', Buffer.from('Lungen\u00f6dem')],
  ['text/html', Buffer.from('<p>Lungen&ouml;dem</p>')],
  ['text/html; charset=iso-8859-1', Buffer.from('<p>Lungen\u00f6dem</p>', 'latin1')],
])('text is read as its content type says it is written: %s', (contentType, data) => {
  expect(attached(contentType, data)).toBe('Lungen\u00f6dem');
});

test.each([
  ['<p>Na &lt; 130 &amp; K&nbsp;&#52;&#x2e;</p>', 'Na < 130 & K 4.'],
  ['<p>&Eacute;l&eacute;vation &plusmn; 2&thinsp;&micro;g, R&D</p>', 'Élévation ± 2 µg, R&D'],
  ['<p>5 < 6 &#150; 7</p>', '5 < 6 – 7'],
  ['<a title="a<b">c</a>', 'c'],
  ['<p>a<!-- b --><script>c("</p>")</script><STYLE>d</STYLE>e', 'a e'],
  ['<script>a', ''],
])('HTML is indexed by its words: %s', (html, words) => {
  expect(narrative(`<div>${html}</div>`)).toBe(words);
});

test('pictures in a text take no room of its words', () => {
  const picture = `<img src="data:image/png;base64,${'A'.repeat(600_000)}"/>`;
  expect(narrative(`<div>${picture}oedema</div>`)).toBe('oedema');
  expect(attached('text/html', Buffer.from(`<!DOCTYPE html>${picture}&ouml;dema`))).toBe('\u00f6dema');
});

test('a text has bounds, and takes no longer for being made to', { timeout: 20_000 }, () => {
  expect(narrative(`<div>${'a '.repeat(400_000)}</div>`)).toHaveLength(500_000);
  for (const part of ['<', '<script>', '<!--', '<a><b>&ouml;', '&']) {
    expect(() => narrative(part.repeat(2_000_000 / part.length))).not.toThrow();
  }
});

const answer = (valueString: string) => ({ answer: [{ valueString }] });

test.each([
  ['Communication', { payload: [{ contentString: 'a' }, { contentReference: {} }, { contentString: 'b' }] }],
  ['MedicationRequest', { dosageInstruction: [{ text: 'a', patientInstruction: 'b' }] }],
  ['MedicationDispense', { dosageInstruction: [{ text: 'a' }, { patientInstruction: 'b' }] }],
  ['MedicationStatement', { dosage: [{ text: 'a', patientInstruction: 'b' }] }],
  ['MedicationAdministration', { dosage: { text: 'a' }, note: [{ text: 'b' }] }],
  ['AllergyIntolerance', { reaction: [{ description: 'a', note: [{ text: 'b' }] }] }],
  ['QuestionnaireResponse', { item: [{ item: [answer('a')] }, answer('b')] }],
  [
    'QuestionnaireResponse',
    { item: [{ answer: [{ valueBoolean: true, item: [answer('a')] }, { valueString: 'b' }] }] },
  ],
])('what somebody wrote is indexed of %s', (type, resource) => {
  expect(fullTextOf(type, resource).content.split('\n').toSorted()).toEqual(['a', 'b']);
  expect(fullTextOf('Basic', { ...resource, note: undefined }).content).toBe('');
});

test('answers are read no deeper than anybody asks', () => {
  let item: object = answer('far');
  for (let depth = 0; depth < 5_000; depth += 1) item = { item: [item] };
  expect(fullTextOf('QuestionnaireResponse', { item: [item, answer('near')] }).content).toBe('near');
});
