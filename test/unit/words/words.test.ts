import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileMessage } from '@lingui/message-utils/compileMessage';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { compiledWords, translationsOf } from '../../../build/words/catalogs.ts';
import { pageSources, wordsOf } from '../../../build/words/extract.ts';
import { LANGUAGES } from '../../../preload/contract/languages.ts';

const project = join(import.meta.dirname, '..', '..', '..');
const sources = pageSources(project);
const said = new Set(sources.flatMap(wordsOf).map(({ words }) => words));

/** Attributes that people read or hear. */
const SPOKEN = new Set(['aria-label', 'title', 'label', 'placeholder', 'alt', 'description', 'deed', 'refusal']);
/** What is the same in each language: names, code, and what stands on keys. */
const SAME = new Set(['Wardlight', 'server-reset', 'Esc', 'MRN']);
const isText = (text: string) => /\p{L}{2}/u.test(text) && !SAME.has(text.trim());

/** What a file says without `t`: text between tags, and attributes that are read out. */
function unspoken(source: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && isText(node.text)) found.push(node.text.trim());
    if (ts.isJsxAttribute(node) && SPOKEN.has(node.name.getText()) && node.initializer) {
      const value = node.initializer;
      const literal = ts.isJsxExpression(value) ? value.expression : value;
      if (literal && ts.isStringLiteralLike(literal) && isText(literal.text)) found.push(literal.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found.map((text) => `${source.fileName}: ${text}`);
}

/** Names of the places in compiled words, with the kinds of those that are chosen by a number. */
function placesOf(words: string): string[] {
  const places = new Set<string>();
  const visit = (token: unknown): void => {
    if (!Array.isArray(token)) return;
    const [name, kind, cases] = token;
    if (typeof name === 'string' && (token.length === 1 || typeof kind === 'string')) {
      places.add(token.length === 1 ? name : `${name} ${kind}`);
      for (const one of Object.values((cases ?? {}) as object)) if (Array.isArray(one)) one.forEach(visit);
    } else token.forEach(visit);
  };
  const compiled = compileMessage(words);
  if (Array.isArray(compiled)) compiled.forEach(visit);
  return [...places].sort();
}

describe('the words of the page', () => {
  it('are all said through t, so that they can be translated', () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.flatMap(unspoken)).toEqual([]);
  });

  it.each(LANGUAGES.filter((one) => one !== 'en'))('have their translation, each, in %s', (code) => {
    const translated = translationsOf(project, code);
    expect([...said].filter((words) => !translated[words]?.trim())).toEqual([]);
    expect(Object.keys(translated).filter((words) => !said.has(words))).toEqual([]);
  });

  it.each(LANGUAGES.filter((one) => one !== 'en'))('have the same places in %s', (code) => {
    const translated = translationsOf(project, code);
    const other = Object.entries(translated).filter(
      ([words, translation]) => placesOf(words).join() !== placesOf(translation).join(),
    );
    expect(other).toEqual([]);
  });

  it('come compiled into the page where they have places, as it has no compiler', () => {
    const compiled = compiledWords({ Lock: 'Bloquear' }, ['Lock', 'Unlock', '{count, plural, one {#} other {# s}}']);
    expect(Object.keys(compiled)).toEqual(['Lock', '{count, plural, one {#} other {# s}}']);
    expect(compiled['Lock']).toEqual(compileMessage('Bloquear'));
  });
});

it('style sheets name sides by the direction of reading, so that the page can be read from the right', () => {
  const files = readdirSync(join(project, 'renderer'), { recursive: true, encoding: 'utf8' });
  const sided = files
    .filter((name) => name.endsWith('.css'))
    .flatMap((name) =>
      readFileSync(join(project, 'renderer', name), 'utf8')
        .split('\n')
        .filter((line) =>
          /^\s*(?:(?:margin|padding|border)-(?:left|right)|left|right|text-align: (?:left|right))/.test(line),
        )
        .map((line) => `${name}: ${line.trim()}`),
    );
  expect(sided).toEqual([]);
});
