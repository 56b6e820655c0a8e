import { expect, it } from 'vitest';
import { barcodeSvg } from '../../../main/downtime/barcode.ts';
import { type Label, labelHtml } from '../../../main/downtime/label.ts';

const label: Label = {
  ...{ name: 'NG, Ana', born: 'Born 12-Mar-1961', mrn: 'MRN 100', number: 'D010126', bars: barcodeSvg('D010126') },
  ...{ what: 'Venous blood specimen', when: 'Taken 01-Mar-2027 04:10', who: 'by Dr Osei' },
};
const size = { width: 70, height: 36 };

it('names the patient by two identifiers, the number, what it is, when and by whom', () => {
  const text = labelHtml(label, size, 'en').replace(/<style>.*<\/style>/s, '');
  const { bars, ...words } = label;
  for (const word of Object.values(words)) expect(text).toContain(word);
  expect(bars).toContain('<path');
  expect(text).toContain(bars.slice(bars.indexOf('<path')));
});

it('security: holds texts as texts, and lets the page load and run nothing', () => {
  const html = labelHtml({ ...label, name: '<script>alert(1)</script>', what: '"><img src=x>' }, size, 'en');
  expect(html).not.toMatch(/<script|<img/);
  expect(html).toContain("default-src 'none'; style-src 'sha256-");
});

it('has other bars for another number', () => {
  expect(barcodeSvg('D010126')).not.toBe(barcodeSvg('D010127'));
});
