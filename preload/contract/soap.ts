import type { Soap } from './clinical.ts';
import { LANGUAGES, type Language } from './languages.ts';

type Section = keyof Soap;

/** In the order in which they are read. */
export const soapSections: readonly Section[] = ['subjective', 'objective', 'assessment', 'plan'];

/** Headings as clinicians of each language write them. */
export const soapHeadings: Readonly<Record<Language, Readonly<Record<Section, string>>>> = {
  en: { subjective: 'Subjective', objective: 'Objective', assessment: 'Assessment', plan: 'Plan' },
  es: { subjective: 'Subjetivo', objective: 'Objetivo', assessment: 'Evaluación', plan: 'Plan' },
};

const isHeading = (line: string, section: Section) => LANGUAGES.some((one) => soapHeadings[one][section] === line);

/** A note's sections as one text, which `soapOf` takes apart again. Empty ones are left out. */
export function soapText(sections: Soap, language: Language): string {
  return soapSections
    .map((name) => ({ heading: soapHeadings[language][name], said: sections[name].trim() }))
    .filter(({ said }) => said !== '')
    .map(({ heading, said }) => `${heading}\n${said}`)
    .join('\n\n');
}

/**
 * The sections of a text, such as a draft, which may be from before the page's language was changed; what stands before
 * the first heading belongs to the first section.
 */
export function soapOf(text: string): Soap {
  const sections: Soap = { subjective: '', objective: '', assessment: '', plan: '' };
  let at: Section = 'subjective';
  let next = 0;
  for (const line of text.split('\n')) {
    const found = soapSections.findIndex((section, index) => index >= next && isHeading(line, section));
    if (found >= 0) {
      at = soapSections[found]!;
      next = found + 1;
    } else sections[at] += `${line}\n`;
  }
  const trimmed = soapSections.map((name) => [name, sections[name].trim()]);
  return Object.fromEntries(trimmed) as Soap;
}

/** True of a text that begins as `soapText` writes it. */
export function isSoapText(text: string): boolean {
  const [first = '', ...rest] = text.split('\n');
  return rest.length > 0 && soapSections.some((section) => isHeading(first, section));
}
