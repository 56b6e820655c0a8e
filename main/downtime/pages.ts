/** What laying out has found. */
export interface Layout {
  readonly pages: number;
  /** Parts that fit no page, and were replaced by words that say so. */
  readonly tooLarge: number;
  /** Texts with letters that no font of the workstation has; words beside them say so. */
  readonly unprintable: number;
  /** Pages whose content is larger than they are: a bug, and nothing is made of it. */
  readonly overflowing: number;
}

export interface Unit {
  readonly kind: string;
  readonly height: number;
}

export interface PageOfUnits {
  /** Title and column heads that are said again, by their places. */
  readonly again: readonly number[];
  readonly units: readonly number[];
}

/**
 * Divides units of a sheet into pages of a height. Each stands on exactly one, in their order; a title or the heads of
 * columns never come last, and are said again where a page goes on with what is below them. Runs in the hidden page, too:
 * it uses nothing from around it.
 */
export function divide(units: readonly Unit[], room: number): PageOfUnits[] {
  const pages: { again: number[]; units: number[] }[] = [];
  let page: { again: number[]; units: number[] } = { again: [], units: [] };
  let used = 0;
  let title: number | null = null;
  let columns: number | null = null;
  const heightOf = (index: number) => units[index]?.height ?? 0;
  const isLead = (index: number) => units[index]?.kind === 'title' || units[index]?.kind === 'columns';

  for (let at = 0; at < units.length; ) {
    // A group: leads with the first unit after them.
    let end = at;
    while (end < units.length - 1 && isLead(end)) end += 1;
    const group = Array.from({ length: end - at + 1 }, (_, offset) => at + offset);
    const height = group.reduce((sum, index) => sum + heightOf(index), 0);
    if (used + height > room && page.units.length > 0) {
      pages.push(page);
      const startsAnew = units[at]?.kind === 'title';
      const leads = [title, units[at]?.kind === 'columns' ? null : columns];
      const again = startsAnew ? [] : leads.filter((one): one is number => one !== null);
      const fits = again.reduce((sum, index) => sum + heightOf(index), height) <= room;
      page = { again: fits ? again : [], units: [] };
      used = page.again.reduce((sum, index) => sum + heightOf(index), 0);
    }
    for (const index of group) {
      if (units[index]?.kind === 'title') [title, columns] = [index, null];
      if (units[index]?.kind === 'columns') columns = index;
      page.units.push(index);
    }
    used += height;
    at = end + 1;
  }
  if (page.units.length > 0 || pages.length === 0) pages.push(page);
  return pages;
}

/**
 * Makes pages of the document's sheets. Runs in the hidden page, by its source alone: it uses nothing from around it but
 * `divideUnits`.
 */
export function layOut(divideUnits: typeof divide): Layout {
  // Said by who has made the document, in its language. One that was made before has no such words.
  const said = document.querySelector('main')?.dataset ?? {};
  const tooLargeWords = said['tooLarge'] ?? 'This entry is too large to print: open it in Wardlight.';
  const unprintableWords =
    said['unprintable'] ?? '[has letters that this workstation can’t print: read it in Wardlight]';
  const pageWords = said['pageOf'] ?? 'Page {page} of {pages}';
  const all = <Kind extends Element = HTMLElement>(root: ParentNode, query: string) => [
    ...root.querySelectorAll<Kind>(query),
  ];

  /** Whether the workstation has a font for a letter: else it draws what it draws for one that doesn't exist. */
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [32, 32];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const known = new Map<string, boolean>();
  const drawn = (letter: string): string => {
    if (!context) return letter;
    context.clearRect(0, 0, 32, 32);
    context.font = `20px ${getComputedStyle(document.body).fontFamily}`;
    context.fillText(letter, 2, 24);
    return String(context.getImageData(0, 0, 32, 32).data);
  };
  const strangers = ['\u{10FFFD}', '\u0378', '\u{EFFFD}'].map(drawn);
  const isDrawable = (letter: string): boolean => {
    if (/[\u0020-\u024f]/.test(letter) || /[\p{M}\p{Cf}\p{Z}\p{Cc}]/u.test(letter)) return true;
    const found = known.get(letter) ?? !strangers.includes(drawn(letter));
    known.set(letter, found);
    return found;
  };
  let unprintable = 0;
  for (const text of all(document, '.text')) {
    if (Array.from(text.textContent ?? '').every(isDrawable)) continue;
    unprintable += 1;
    const words = document.createElement('b');
    words.dir = 'ltr';
    words.textContent = ` ${unprintableWords}`;
    text.append(words);
  }

  const main = document.querySelector('main');
  const foot = document.querySelector('template')?.content.firstElementChild;
  if (!main || !foot) return { pages: 0, tooLarge: 0, unprintable, overflowing: 1 };
  const newPage = (head: Element): { page: HTMLElement; body: HTMLElement } => {
    const page = document.createElement('section');
    page.className = 'page';
    const body = document.createElement('div');
    body.className = 'body';
    page.append(head.cloneNode(true), body, foot.cloneNode(true));
    main.append(page);
    return { page, body };
  };

  let tooLarge = 0;
  /** What is wider or higher than there is room is written smaller, and at last replaced. */
  const shrink = (unit: HTMLElement, room: number) => {
    const isWide = () => all(unit, '.text').some((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0);
    const isLarge = () => unit.getBoundingClientRect().height > room || isWide();
    for (const size of ['7.5pt', '6pt', '5pt']) {
      if (!isLarge()) return;
      unit.style.fontSize = size;
    }
    if (!isLarge()) return;
    unit.style.fontSize = '';
    unit.textContent = tooLargeWords;
    unit.classList.add('alert');
    tooLarge += 1;
  };

  const firstPages: number[] = [];
  let count = 0;
  for (const sheet of all(main, '.sheet')) {
    const head = sheet.querySelector('.head');
    if (!head) continue;
    const probe = newPage(head);
    const room = Math.floor(probe.body.getBoundingClientRect().height) - 1;
    probe.page.remove();
    // A page without room is one whose style is missing, or whose head takes all of it.
    if (room < 300) return { pages: 0, tooLarge, unprintable, overflowing: 1 };
    const elements = all(sheet, '.unit');
    // A third of a page is left for titles and heads that are said again.
    for (const unit of elements) shrink(unit, room * 0.85);
    const units = elements.map((unit) => ({
      kind: unit.dataset['kind'] ?? 'row',
      height: unit.getBoundingClientRect().height,
    }));
    firstPages.push(count + 1);
    for (const { again, units: own } of divideUnits(units, room)) {
      const { body } = newPage(head);
      for (const index of again) {
        const copy = elements[index]?.cloneNode(true) as HTMLElement;
        copy.dataset['again'] = '';
        body.append(copy);
      }
      for (const index of own) body.append(elements[index] ?? '');
      count += 1;
    }
    sheet.remove();
  }

  const pages = all(main, '.page');
  for (const [index, page] of pages.entries()) {
    const place = page.querySelector('.page-of');
    if (place) {
      place.textContent = pageWords.replace('{page}', String(index + 1)).replace('{pages}', String(pages.length));
    }
  }
  for (const row of all(main, '[data-page-of]')) {
    const cell = row.querySelector('.cells')?.lastElementChild;
    if (cell) cell.textContent = String(firstPages[Number(row.dataset['pageOf'])] ?? '?');
  }
  const overflowing = pages.filter((page) => {
    const body = page.querySelector('.body');
    return !body || body.scrollHeight > body.clientHeight + 1 || page.scrollWidth > page.clientWidth + 1;
  }).length;
  return { pages: pages.length, tooLarge, unprintable, overflowing };
}

/** What the hidden page runs. */
export const layOutSource = () => `(${layOut.toString()})(${divide.toString()})`;
