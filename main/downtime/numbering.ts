import type { Result } from '../../preload/contract/channel.ts';
import type { Language } from '../../preload/contract/languages.ts';
import type { Labelled, Labels } from '../access/labels.ts';
import type { Handlers } from '../ipc/bind.ts';
import type { NumbersPolicy } from '../managed/numbers.ts';
import type { Paper, PaperFormat } from '../shell/paper.ts';
import { binderHtml, type PaperSize } from './html.ts';
import { fitLabelSource, type Label, labelHtml } from './label.ts';
import { numberSheet } from './number-sheet.ts';
import type { Numbers } from './numbers/numbers.ts';
import { type Layout, layOutSource } from './pages.ts';
import { footWords } from './sheet.ts';
import { type Words, wordsIn } from './words.ts';

export interface NumberingOptions {
  /** Null where policy reserves none. */
  readonly numbers: Numbers | null;
  readonly policy: NumbersPolicy | null;
  readonly labels: Labels;
  readonly paper: Paper;
  readonly paperSize: PaperSize;
  /** The workstation's language at this moment. */
  readonly language: () => Promise<Language>;
  /** Policy lets labels and sheets be printed. */
  readonly mayPrint: () => boolean;
  /** True while policy lets numbers be given. */
  readonly isOpen: () => boolean;
  /** Who prints: the clinician's name. */
  readonly display: string;
  readonly now: () => number;
}

export type NumberingHandlers = Pick<Handlers['downtime'], 'numbers' | 'printLabel' | 'printNumbers'>;

/** What the page may ask of the numbers that were reserved for this workstation: how many are left, and paper. */
export function createNumbering(options: NumberingOptions): NumberingHandlers {
  const { numbers, policy, labels, paper, paperSize, language, mayPrint, isOpen, display, now } = options;

  /** False: the person has cancelled. Null: not all of it would fit, and nothing was printed. */
  async function printed(html: string, format: PaperFormat, source: string, fits: (told: unknown) => boolean) {
    const page = await paper.open(html);
    try {
      return fits(await page.run(source)) ? await page.print(format) : null;
    } finally {
      page.close();
    }
  }

  return {
    async numbers() {
      if (!numbers || !policy) return { ok: true, value: null };
      const found = await numbers.standing();
      const standing = found.ok ? found.value : { visit: null, specimen: null };
      const { visitClass, perSheet } = policy;
      return { ok: true, value: { ...standing, known: found.ok, open: isOpen(), visitClass, perSheet } };
    },

    async printLabel(about) {
      if (!mayPrint()) return failed('not-permitted');
      const found = await labels.label(about);
      if (!found.ok) return found;
      const words = wordsIn(await language());
      const told = labelOf(found.value, words);
      if (!told) return failed('not-found');
      // Large, and seldom wanted.
      const { barcodeSvg } = await import('./barcode.ts');
      const label = { ...told, bars: barcodeSvg(told.number) };
      const size = policy?.label ?? { width: 70, height: 36 };
      const format = { width: size.width * 1_000, height: size.height * 1_000 };
      const done = await printed(
        labelHtml(label, size, words.language),
        format,
        fitLabelSource(),
        (told) => told === true,
      );
      return done === null ? failed('label-layout') : { ok: true, value: { printed: done } };
    },

    async printNumbers() {
      if (!numbers || !policy) return failed('numbers-off');
      // Before any is taken.
      if (!mayPrint()) return failed('not-permitted');
      const taken = await numbers.reserve(policy.perSheet);
      if (!taken.ok) return taken;
      const { visit, specimen } = taken.value;
      const recorded = await labels.numbers(visit.length + specimen.length);
      if (!recorded.ok) return recorded;
      const words = wordsIn(await language());
      const sheet = numberSheet(words, taken.value, now());
      const html = binderHtml(words, [sheet], footWords(words, display, now()), paperSize);
      const fits = (told: unknown) => (told as Layout).pages > 0 && (told as Layout).overflowing === 0;
      const done = await printed(html, paperSize, layOutSource(), fits);
      if (done === null) return failed('label-layout');
      return { ok: true, value: { printed: done, visit: visit.length, specimen: specimen.length } };
    },
  };
}

interface Told {
  readonly identifier?: readonly { readonly use?: string; readonly value?: string }[];
  readonly type?: { readonly text?: string; readonly coding?: readonly { readonly display?: string }[] };
  readonly period?: { readonly start?: string };
  readonly collection?: { readonly collectedDateTime?: string; readonly collector?: { readonly display?: string } };
  readonly participant?: readonly { readonly individual?: { readonly display?: string } }[];
}

/** What Code 128 holds. */
const BARS = /^[\x20-\x7e]{1,64}$/;

/** Null where the record has no number. */
function labelOf({ patient, resource }: Labelled, words: Words): Omit<Label, 'bars'> | null {
  const { t } = words;
  const told = JSON.parse(resource) as Told & { readonly resourceType: string };
  const number = told.identifier?.find(({ use }) => use === 'official')?.value;
  if (number === undefined || !BARS.test(number)) return null;
  const isVisit = told.resourceType === 'Encounter';
  const time = isVisit ? told.period?.start : told.collection?.collectedDateTime;
  const began = words.date(time ?? null);
  const person = isVisit ? told.participant?.[0]?.individual : told.collection?.collector;
  return {
    name: words.name(patient.name),
    born: words.born(patient),
    mrn: words.mrn(patient),
    number,
    what: isVisit ? t('Visit') : (told.type?.text ?? told.type?.coding?.[0]?.display ?? t('Specimen')),
    when: isVisit ? t('Began {time}', { time: began }) : t('Taken {time}', { time: began }),
    who: person?.display ? t('by {name}', { name: person.display }) : '',
  };
}

function failed<Code extends string>(code: Code): Result<never, Code> {
  return { ok: false, error: { code } };
}
