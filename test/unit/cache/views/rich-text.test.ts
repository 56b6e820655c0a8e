import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { richTextOf } from '../../../../main/cache/views/rich/rich-text.ts';
import { type Block, type RichText, richText } from '../../../../preload/contract/rich.ts';
import { HARM, hostileHtml } from '../../../support/hostile-html.ts';

function read(html: string): RichText {
  const rich = richTextOf(html);
  if (!rich) throw new Error('nested too deep');
  return richText.parse(rich);
}

const blocks = (html: string) => read(html).blocks;

/** All text of blocks in its order, lines and cells apart. */
function saidIn(told: readonly Block[]): string {
  const runsOf = (block: Block) => {
    if (block.kind === 'rule') return [];
    return block.kind === 'table' ? [block.caption, ...block.rows.flat().map(({ runs }) => runs)] : [block.runs];
  };
  return told
    .flatMap(runsOf)
    .map((runs) => runs.map(({ text }) => text).join(''))
    .join(' ');
}

describe('formatted text', () => {
  test('is read as headings, paragraphs, lists with their numbers, quotations and lines as written', () => {
    expect(
      blocks(`<!doctype html><title>t</title><body><h2>Plan &amp; aims</h2>
        <p>First
           line<br>second</p>loose
        <ol start=3><li>three<ul><li>inner</ul><li value=9>nine<p>more</p></ol>
        <blockquote>said</blockquote><pre>a
  b</pre><hr>end`),
    ).toEqual([
      { kind: 'heading', rank: 2, runs: [{ text: 'Plan & aims' }] },
      { kind: 'text', level: 0, runs: [{ text: 'First line\nsecond' }] },
      { kind: 'text', level: 0, runs: [{ text: 'loose' }] },
      { kind: 'item', level: 1, number: 3, runs: [{ text: 'three' }] },
      { kind: 'item', level: 2, number: null, runs: [{ text: 'inner' }] },
      { kind: 'item', level: 1, number: 9, runs: [{ text: 'nine' }] },
      { kind: 'text', level: 1, runs: [{ text: 'more' }] },
      { kind: 'text', level: 1, runs: [{ text: 'said' }] },
      { kind: 'lines', level: 0, runs: [{ text: 'a\n  b' }] },
      { kind: 'rule' },
      { kind: 'text', level: 0, runs: [{ text: 'end' }] },
    ]);
  });

  test('keeps what is struck out struck out, by an element or by a style, and tells emphases together', () => {
    expect(
      blocks('<p>Give <del>10 mg</del> <span style="text-decoration: line-through">20 mg</span> <b>5<i>0</i></b>'),
    ).toEqual([
      {
        kind: 'text',
        level: 0,
        runs: [
          { text: 'Give ' },
          { text: '10 mg', as: ['deleted'] },
          { text: ' ' },
          { text: '20 mg', as: ['deleted'] },
          { text: ' ' },
          { text: '5', as: ['strong'] },
          { text: '0', as: ['strong', 'em'] },
        ],
      },
    ]);
  });

  test('reads tables with their heads and spans, and what stands in them beside rows', () => {
    const [table, after] = blocks(
      '<table><caption>Drugs</caption>stray<tr><th colspan=2>Name<th rowspan=999>Dose<tr><td><p>a</p><p>b</p><td><table><tr><td>in</table></table>after',
    );
    expect(table).toEqual({
      kind: 'table',
      caption: [{ text: 'Drugs\nstray' }],
      rows: [
        [
          { header: true, columns: 2, rows: 1, runs: [{ text: 'Name' }] },
          { header: true, columns: 1, rows: 100, runs: [{ text: 'Dose' }] },
        ],
        expect.any(Array),
      ],
    });
    expect(saidIn([table as Block])).toContain('a\nb');
    expect(saidIn([table as Block])).toContain('in');
    expect(after).toMatchObject({ runs: [{ text: 'after' }] });
  });

  test('counts what it can’t show, and tells what stands for a picture and what was ticked', () => {
    const told = read(
      '<p>See <img src=x alt="left hand"> <svg><text>t</text></svg><input type=checkbox checked> smoker',
    );
    expect(told.omitted).toBe(2);
    expect(saidIn(told.blocks)).toBe('See left hand ☑ smoker');
    expect(told.blocks).toMatchObject([{ runs: expect.arrayContaining([{ text: 'left hand', as: ['alt'] }]) }]);
  });

  test('loses no text of what is written, whatever its elements', () => {
    const word = fc.integer({ min: 0, max: 999_999 }).map((n) => `w${n}w`);
    const name = fc.constantFrom(
      'p',
      'div',
      'b',
      'td',
      'tr',
      'table',
      'li',
      'ul',
      'ol',
      'h1',
      'pre',
      'blockquote',
      'del',
      'x-y',
    );
    const html = fc.array(
      fc.oneof(
        word,
        name.map((one) => `<${one}>`),
        name.map((one) => `</${one}>`),
        fc.constantFrom(' ', '<br>', '<hr/>'),
      ),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(html, (parts) => {
        const said = saidIn(blocks(parts.join('')));
        const found = said.match(/w\d+w/g) ?? [];
        expect(found.toSorted()).toEqual(parts.filter((part) => part.startsWith('w')).toSorted());
      }),
      { numRuns: 200 },
    );
  });

  test('is bounded: of a long text the beginning, of a deep one nothing but its text, in good time', () => {
    expect(read(`<p>${'a '.repeat(1_500_000)}`).cut).toBe(true);
    expect(read('<p>x'.repeat(30_000)).blocks).toHaveLength(20_000);
    expect(read(`<table>${'<tr><td>x'.repeat(12_000)}</table>`).cut).toBe(true);
    expect(read(`<b>x</b>y`.repeat(5_000)).blocks.length).toBeGreaterThan(1);
    expect(richTextOf('<div>'.repeat(100_000) + '</p>'.repeat(100_000))).toBeNull();
  });
});

describe('security: formatted text of a stranger', () => {
  test('security: brings no element, attribute, address or style of its own', () => {
    expect(hostileHtml.length).toBeGreaterThanOrEqual(40);
    for (const html of hostileHtml) {
      for (const told of [read(html), read(`<div xmlns="http://www.w3.org/1999/xhtml">${html}</div>`)]) {
        // Text is all that is left: nothing has a name that the contract doesn't know.
        expect(JSON.stringify(told)).not.toMatch(/"(?:href|src|style|class|id|html|on\w+)":/);
      }
    }
  });

  test('security: shows no script or style as if somebody had written it', () => {
    for (const html of [`<script>${HARM}</script>`, `<style>p{}</style>`, `<svg><script>${HARM}</script></svg>`]) {
      expect(saidIn(blocks(`<p>before</p>${html}<p>after</p>`))).toBe('before after');
    }
  });
});
