import {
  AnnotationMode,
  type PDFDocumentProxy,
  type PDFPageProxy,
  type RenderTask,
} from 'pdfjs-dist/legacy/build/pdf.mjs';
import { t } from '../words/t.ts';
import { type Frame, make } from './frame.ts';
import { addPageButtons } from './pageButtons.ts';
import { addZoom } from './zoom.ts';

const GAP = 12;
/** Chromium draws nothing on what is larger, or longer on a side. */
const AREA_MAX = 64 << 20;
const SIDE_MAX = 16_384;

interface Sheet {
  readonly element: HTMLElement;
  readonly number: number;
  page: PDFPageProxy | null;
  /** Its size at a factor of 1; that of the first page until it is known. */
  width: number;
  height: number;
  task: RenderTask | null;
  /** The factor at which it is drawn; null where it isn't. */
  drawn: number | null;
}

/**
 * Shows a document page below page; resolves when the first is drawn. Only what is near the window is drawn, so that many
 * pages cost no more than few.
 */
export async function showPages(frame: Frame, document: PDFDocumentProxy): Promise<void> {
  const { stage } = frame;
  const first = (await document.getPage(1)).getViewport({ scale: 1 });
  const sheets = Array.from({ length: document.numPages }, (_, index) => sheetOf(index + 1, first));
  const near = new Set<Sheet>();
  const fitting = () => Math.max(1, stage.clientWidth - 2 * GAP) / first.width;
  let onFirst: () => void = () => undefined;
  const firstDrawn = new Promise<void>((resolve) => {
    onFirst = resolve;
  });
  const draw = (sheet: Sheet) =>
    void drawSheet(document, sheet, zoom.factor(fitting()))
      .catch(() => fail(sheet))
      .then(onFirst);

  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const sheet = sheets[Number((target as HTMLElement).dataset['page']) - 1];
        if (!sheet) continue;
        if (isIntersecting) near.add(sheet);
        else near.delete(sheet);
        if (isIntersecting) draw(sheet);
        else clear(sheet);
      }
    },
    { root: stage, rootMargin: '100% 0px' },
  );

  const buttons = addPageButtons(frame, sheets.length, (number) => sheets[number - 1]?.element.scrollIntoView());
  const zoom = addZoom(frame, fitting, () => {
    const at = currentPage(stage, sheets);
    for (const sheet of sheets) size(sheet, zoom.factor(fitting()));
    sheets[at - 1]?.element.scrollIntoView();
    for (const sheet of near) draw(sheet);
  });
  for (const sheet of sheets) size(sheet, zoom.factor(fitting()));
  stage.replaceChildren(...sheets.map(({ element }) => element));
  stage.classList.add('pages');
  for (const { element } of sheets) observer.observe(element);
  stage.addEventListener('scroll', () => buttons.tell(currentPage(stage, sheets)), { passive: true });
  await firstDrawn;
}

function sheetOf(number: number, { width, height }: { width: number; height: number }): Sheet {
  const element = make('section', { className: 'sheet', ariaLabel: t('Page {number}', { number }) });
  element.dataset['page'] = String(number);
  return { element, number, page: null, width, height, task: null, drawn: null };
}

function size({ element, width, height }: Sheet, factor: number): void {
  Object.assign(element.style, { width: `${width * factor}px`, height: `${height * factor}px` });
}

/** The page in the middle of the window. The sheets lie in their order, so that half of them is left out at each step. */
function currentPage(stage: HTMLElement, sheets: readonly Sheet[]): number {
  const middle = stage.scrollTop + stage.clientHeight / 2;
  let [low, high] = [0, sheets.length - 1];
  while (low < high) {
    const at = Math.ceil((low + high) / 2);
    if ((sheets[at]?.element.offsetTop ?? 0) <= middle) low = at;
    else high = at - 1;
  }
  return low + 1;
}

async function drawSheet(document: PDFDocumentProxy, sheet: Sheet, factor: number): Promise<void> {
  if (sheet.drawn === factor) return;
  sheet.task?.cancel();
  sheet.drawn = factor;
  sheet.page ??= await document.getPage(sheet.number);
  if (sheet.drawn !== factor) return;
  const own = sheet.page.getViewport({ scale: 1 });
  Object.assign(sheet, { width: own.width, height: own.height });
  size(sheet, factor);
  const drawn = await drawPage(sheet, sheet.page, factor);
  if (sheet.drawn !== factor) return;
  sheet.element.replaceChildren(drawn, await spoken(sheet.page));
  sheet.element.dataset['drawn'] = '';
}

async function drawPage(sheet: Sheet, page: PDFPageProxy, factor: number): Promise<HTMLCanvasElement> {
  const { width, height } = sheet;
  const largest = Math.min(Math.sqrt(AREA_MAX / (width * height)), SIDE_MAX / Math.max(width, height));
  const viewport = page.getViewport({ scale: factor * Math.min(window.devicePixelRatio, largest / factor) });
  const canvas = make('canvas', { width: Math.ceil(viewport.width), height: Math.ceil(viewport.height) });
  // Filled-in forms are drawn, as they are part of what the page says; nothing of them can be pressed.
  sheet.task = page.render({ canvas, viewport, annotationMode: AnnotationMode.ENABLE });
  await sheet.task.promise;
  return canvas;
}

/** The page's text, for who hears it. */
async function spoken(page: PDFPageProxy): Promise<HTMLElement> {
  const { items } = await page.getTextContent();
  const words = items.map((item) => ('str' in item ? `${item.str}${item.hasEOL ? '\n' : ''}` : '')).join('');
  return make('p', { className: 'said', textContent: words });
}

function clear(sheet: Sheet): void {
  sheet.task?.cancel();
  sheet.page?.cleanup();
  sheet.task = null;
  sheet.drawn = null;
  sheet.element.replaceChildren();
  delete sheet.element.dataset['drawn'];
}

/** A drawing that was given up for another one has failed as well, and says nothing. */
function fail(sheet: Sheet): void {
  if (sheet.drawn === null || sheet.element.dataset['drawn'] !== undefined) return;
  sheet.element.replaceChildren(make('p', { className: 'message', textContent: t('This page can’t be drawn.') }));
}
