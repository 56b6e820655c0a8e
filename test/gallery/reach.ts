import type { Page } from 'playwright';

/**
 * What a person can neither see nor scroll to: fields, buttons, headings and messages that something cuts off (WCAG
 * 1.4.10), and a page that was pushed out of its window; and what must be scrolled sideways though it is no table or
 * plot, nor the bar of the chart's tabs, which is one line where a window is low.
 */
export function outOfReach(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    /** Less than a pixel is rounding. */
    const SLACK = 1.5;
    const nameOf = (element: Element) =>
      element.closest('[data-testid]')?.getAttribute('data-testid') ?? element.className;
    const scrolls = (value: string) => value === 'auto' || value === 'scroll';

    function isCutOff(element: Element): boolean {
      let { left, right, top, bottom } = element.getBoundingClientRect();
      if (right - left < 2 || bottom - top < 2) return false;
      for (let above = element.parentElement; above; above = above.parentElement) {
        const style = getComputedStyle(above);
        const frame = above.getBoundingClientRect();
        // What only a screen reader says.
        if (style.clipPath !== 'none') return false;
        if (scrolls(style.overflowX)) [left, right] = [frame.left, frame.right];
        else if (style.overflowX !== 'visible' && (left < frame.left - SLACK || right > frame.right + SLACK))
          return true;
        if (scrolls(style.overflowY)) [top, bottom] = [frame.top, frame.bottom];
        else if (style.overflowY !== 'visible' && (top < frame.top - SLACK || bottom > frame.bottom + SLACK))
          return true;
        if (style.position === 'fixed') break;
      }
      return left < -SLACK || top < -SLACK || right > innerWidth + SLACK || bottom > innerHeight + SLACK;
    }

    const cut = [
      ...document.querySelectorAll('button, input, select, textarea, h1, h2, h3, [role=status], [role=alert]'),
    ]
      .filter((element) => element.checkVisibility({ visibilityProperty: true }) && isCutOff(element))
      .map((element) => `cut off: ${element.tagName} in ${nameOf(element)}`);
    const sideways = [...document.querySelectorAll('*')]
      .filter(
        (element) => scrolls(getComputedStyle(element).overflowX) && element.scrollWidth > element.clientWidth + 2,
      )
      .filter(
        (element) =>
          !element.matches(':is(table, [role=grid], pre)') &&
          !element.querySelector(':is(table, [role=grid], canvas, iframe, [role=tablist])'),
      )
      .map((element) => `scrolls sideways: ${element.tagName} ${nameOf(element)}`);
    // A name that gave way to what stands beside it: nobody is told from others by three letters.
    const squeezed = [...document.querySelectorAll('[data-testid="patient-row"] th bdi')]
      .filter((element) => element.scrollWidth > element.clientWidth + 2 && element.clientWidth < 100)
      .map(() => 'a name has no room in its row');
    // It has no scroll bar: who pushed it, by a focus outside of it, leaves nobody a way back.
    const pushed = [...document.querySelectorAll('html, body, #root, .wl-place')]
      .filter(({ scrollTop, scrollLeft }) => scrollTop !== 0 || scrollLeft !== 0)
      .map(({ tagName, id }) => `pushed out of its window: ${tagName} ${id}`);
    return [...cut, ...sideways, ...squeezed, ...pushed];
  });
}
