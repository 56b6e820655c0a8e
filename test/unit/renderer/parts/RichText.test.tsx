// @vitest-environment jsdom
import '../support/dom.ts';
import { cleanup, render } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { richTextOf } from '../../../../main/cache/views/rich/rich-text.ts';
import { RichText } from '../../../../renderer/parts/RichText.tsx';
import { hostileHtml } from '../../../support/hostile-html.ts';

afterEach(cleanup);

function shown(html: string): HTMLElement {
  const rich = richTextOf(html);
  if (!rich) throw new Error('nested too deep');
  return render(<RichText rich={rich} />).container;
}

const OURS =
  'blockquote caption code del div em h3 h4 h5 h6 hr li mark ol p pre strong sub sup table tbody td th tr u ul'.split(
    ' ',
  );
const ATTRIBUTES = ['class', 'colspan', 'rowspan', 'value', 'data-testid'];

it('shows lists within lists, numbered as they were, and what is struck out', () => {
  const page = shown(
    '<ol start=3><li>three<ul><li>inner</ul><li>four<p>more</ol><p>Give <del>10</del></p><blockquote>said',
  );
  expect(page.querySelector('ol > li')?.getAttribute('value')).toBe('3');
  expect(page.querySelector('ol > li > ul > li')?.textContent).toBe('inner');
  expect(page.querySelector('ol > li:nth-child(2) > p')?.textContent).toBe('more');
  expect(page.querySelector('del')?.textContent).toBe('10');
  expect(page.querySelector('blockquote')?.textContent).toBe('said');
});

it('says what it leaves out', () => {
  expect(shown('<p>x<img src=y><svg></svg>').textContent).toContain('2 pictures or embedded parts not shown.');
  expect(shown('<p></p>').textContent).toContain('There is no text in it.');
});

describe('security: hostile HTML', () => {
  it('security: becomes elements and attributes of ours alone, runs nothing and asks for nothing', () => {
    const fetched = vi.spyOn(globalThis, 'fetch');
    for (const html of hostileHtml) {
      const page = shown(html);
      for (const element of page.querySelectorAll('*')) {
        expect(OURS).toContain(element.localName);
        const names = element.getAttributeNames();
        expect(names.filter((name) => !ATTRIBUTES.includes(name))).toEqual([]);
      }
      cleanup();
    }
    expect(fetched).not.toHaveBeenCalled();
    expect('harmed' in window).toBe(false);
  });
});
