import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { compileMessage } from '@lingui/message-utils/compileMessage';
import type { Plugin, Rolldown } from 'vite';
import { LANGUAGES } from '../../preload/contract/languages.ts';
import { allWords } from './extract.ts';

/** The translations of a language: English words to its own. English has none. */
export function translationsOf(project: string, code: string): Record<string, string> {
  if (code === 'en') return {};
  return JSON.parse(readFileSync(join(project, 'renderer', 'words', `${code}.json`), 'utf8')) as Record<string, string>;
}

/** True for words that have places for values: those are compiled, as the page has no compiler. */
const hasPlaces = (words: string) => /[{}]/.test(words);

/** What the page looks words up in, in one language: those that differ from their English, and those with places. */
/** What the page looks words up in: those that differ from their English, and those with places. */
export function compiledWords(
  translated: Readonly<Record<string, string>>,
  words: readonly string[],
): Record<string, unknown> {
  const entries = words
    .filter((one) => hasPlaces(one) || translated[one])
    .map((one) => [one, compileMessage(translated[one] || one)] as const);
  return Object.fromEntries(entries);
}

/** Every page of the bundle, and its English text. */
function pagesOf(bundle: Rolldown.OutputBundle) {
  return Object.values(bundle).flatMap((page) =>
    page.type === 'asset' && page.fileName.endsWith('.html') ? [{ page, english: String(page.source) }] : [],
  );
}

/**
 * Puts a script of words before the scripts of each page, and makes a page for each language but English beside the
 * English one, so that words are there before the first line of the page runs, and none of other languages are read.
 */
export function wordsOfPages(project: string): Plugin {
  return {
    name: 'words',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const words = allWords(project);
        const pages = pagesOf(bundle);
        for (const code of LANGUAGES) {
          const compiled = JSON.stringify(compiledWords(translationsOf(project, code), words));
          // As text: the page reads JSON faster than it reads a program.
          const source = `globalThis.WARDLIGHT_WORDS=JSON.parse(${JSON.stringify(compiled)})`;
          const script = this.getFileName(this.emitFile({ type: 'asset', name: `words-${code}.js`, source }));
          for (const { page, english } of pages) {
            const from = relative(dirname(page.fileName), script).replaceAll('\\', '/');
            const html = english
              .replace('<html lang="en">', `<html lang="${code}">`)
              .replace('<script ', `<script src="./${from}"></script>\n    <script `);
            if (code === 'en') page.source = html;
            else
              this.emitFile({ type: 'asset', fileName: page.fileName.replace(/html$/, `${code}.html`), source: html });
          }
        }
      },
    },
  };
}
