import type { Soap } from './clinical.ts';

/** Sections in the order in which they are read, with their headings. */
export const soapSections: readonly (readonly [keyof Soap, string])[] = [
  ['subjective', 'Subjective'],
  ['objective', 'Objective'],
  ['assessment', 'Assessment'],
  ['plan', 'Plan'],
];

/** A note's sections as one text, which `soapOf` takes apart again. Empty ones are left out. */
export function soapText(sections: Soap): string {
  return soapSections
    .map(([name, heading]) => ({ heading, said: sections[name].trim() }))
    .filter(({ said }) => said !== '')
    .map(({ heading, said }) => `${heading}\n${said}`)
    .join('\n\n');
}

/** The sections of a text, such as a draft; what stands before the first heading belongs to the first section. */
export function soapOf(text: string): Soap {
  const sections: Soap = { subjective: '', objective: '', assessment: '', plan: '' };
  let at: keyof Soap = 'subjective';
  let next = 0;
  for (const line of text.split('\n')) {
    const found = soapSections.findIndex(([, heading], index) => index >= next && heading === line);
    if (found >= 0) {
      at = soapSections[found]![0];
      next = found + 1;
    } else sections[at] += `${line}\n`;
  }
  const trimmed = soapSections.map(([name]) => [name, sections[name].trim()]);
  return Object.fromEntries(trimmed) as Soap;
}

/** True of a text that begins as `soapText` writes it. */
export function isSoapText(text: string): boolean {
  return soapSections.some(([, heading]) => text.startsWith(`${heading}\n`));
}
