// @vitest-environment jsdom
import { render } from '@testing-library/react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { IN_SIGHT, ItemList } from '../../../../../renderer/features/chart/ItemList.tsx';

const list = (count: number) => (
  <ItemList
    items={Array.from({ length: count }, (_, at) => `Problem ${at}`)}
    render={(item) => <li key={item}>{item}</li>}
  />
);
const linesIn = (markup: string) => markup.match(/<li>/g)?.length ?? 0;

describe('the lines of a section', () => {
  it('are not all drawn before the first of them are seen', () => {
    expect(linesIn(renderToStaticMarkup(list(500)))).toBe(IN_SIGHT);
    expect(linesIn(renderToStaticMarkup(list(3)))).toBe(3);
  });

  it('are all there in the end, and one that comes later too', () => {
    const { container, rerender } = render(list(200));
    expect(container.querySelectorAll('li').length).toBe(200);
    rerender(list(201));
    expect(container.textContent).toContain('Problem 200');
  });
});
