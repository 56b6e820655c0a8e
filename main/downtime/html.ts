import { createHash } from 'node:crypto';
import type { Block, Cell, RunningHead, SheetOfBlocks } from './blocks.ts';
import type { Words } from './words.ts';

export type PaperSize = 'A4' | 'Letter';

/** A little smaller than the paper, so that rounding never makes an empty page. */
const SIZES: Readonly<Record<PaperSize, { width: string; height: string }>> = {
  A4: { width: '209.5mm', height: '296mm' },
  Letter: { width: '215.4mm', height: '278.4mm' },
};

const STYLE = (size: PaperSize, again: string) => `
@page { size: ${size}; margin: 0; }
* { box-sizing: border-box; margin: 0; padding: 0; }
html { color-scheme: light; }
body { background: #fff; color: #000; font: 9pt/1.3 "Segoe UI", system-ui, "Noto Sans", "DejaVu Sans", sans-serif; }
.page, .sheet { width: ${SIZES[size].width}; padding: 9mm 10mm 8mm; }
.page { height: ${SIZES[size].height}; display: flex; flex-direction: column; overflow: hidden; contain: strict; break-after: page; }
.page:last-child { break-after: auto; }
.body { flex: 1; min-height: 0; }
.head { border: 1.2pt solid #000; padding: 1.5mm 2.5mm; margin-bottom: 2mm; }
.head .who { display: flex; flex-wrap: wrap; gap: 0 6mm; align-items: baseline; }
.head .name { font-size: 14pt; font-weight: 700; }
.head .fact { font-size: 11pt; font-weight: 600; }
.head .allergies { font-weight: 700; margin-top: .5mm; }
.head .line { font-size: 8pt; margin-top: .8mm; }
.head .alarm { font-weight: 700; border-top: .6pt solid #000; margin-top: 1mm; padding-top: .8mm; }
.foot { border-top: .6pt solid #000; margin-top: 2mm; padding-top: 1mm; display: flex; justify-content: space-between; gap: 6mm; font-size: 7.5pt; }
.foot .page-of { white-space: nowrap; min-width: 32mm; text-align: right; font-weight: 700; font-size: 9pt; }
.unit { display: block; overflow-wrap: anywhere; }
.text { unicode-bidi: isolate; text-align: left; }
.title { font-size: 11.5pt; font-weight: 700; padding: 2.6mm 0 .6mm; border-bottom: 1.2pt solid #000; }
.title[data-again]::after { content: " ${again}"; font-weight: 400; }
.line { padding: .7mm 0; }
.strong { font-weight: 700; }
.note { color: #333; font-size: 8pt; }
.alert { font-weight: 700; }
.line.alert { border-left: 3pt solid #000; padding-left: 2mm; }
.cells { display: grid; gap: 0 3mm; padding: .8mm 0; }
.row { border-bottom: .4pt solid #777; }
.row.continues { border-top: .4pt dotted #777; }
.columns { font-size: 8pt; font-weight: 600; border-bottom: .8pt solid #000; }
.patients .cells, .patients.cells { grid-template-columns: 38mm 1fr 30mm 34mm 14mm; }
.identity .cells, .identity.cells { grid-template-columns: 1fr 32mm 1fr 38mm; }
.allergies .cells, .allergies.cells { grid-template-columns: 1fr 28mm 1fr 1fr; }
.alerts .cells { grid-template-columns: 40mm 1fr; }
.problems .cells { grid-template-columns: 1fr 42mm 40mm; }
.medicines .cells, .medicines.cells { grid-template-columns: 1.1fr 1.2fr 50mm; }
.vitals .cells, .vitals.cells { grid-template-columns: 40mm 1fr; }
.results .cells, .results.cells { grid-template-columns: 1fr 1fr 40mm 32mm; }
.changes .cells { grid-template-columns: 30mm 1fr 46mm; }
.numbers .cells, .numbers.cells { grid-template-columns: 42mm 1fr 26mm 22mm; }
.row.numbers .cells { min-height: 10mm; align-items: center; font-size: 12pt; }
.hours { display: grid; grid-template-columns: repeat(24, 1fr); border: .6pt solid #000; margin: .6mm 0 1.2mm; }
.hours span { height: 9mm; border-left: .4pt solid #777; font-size: 6.5pt; padding: .2mm .4mm; }
.hours span:first-child { border-left: 0; }
.blank { display: grid; grid-auto-flow: column; grid-auto-columns: 1fr; gap: 4mm; padding-top: 2mm; }
.blank span { border-bottom: .6pt solid #000; height: 8mm; font-size: 7.5pt; }
`;

export const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[one] ?? '');

/** Each text has a direction of its own, which nothing beside it can turn. */
const said = (text: string, tag = 'span', name = '') =>
  `<${tag} class="text${name === '' ? '' : ` ${name}`}" dir="auto">${escaped(text)}</${tag}>`;

const cellHtml = ({ text, tone = 'plain' }: Cell) => said(text, 'div', tone);

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'title':
      return `<div class="unit title" data-kind="title">${said(block.text)}</div>`;
    case 'columns':
      return `<div class="unit columns cells ${block.table}" data-kind="columns">${block.cells.map((one) => said(one, 'div')).join('')}</div>`;
    case 'line':
      return `<div class="unit line ${block.tone}" data-kind="line">${said(block.text)}</div>`;
    case 'blank':
      return `<div class="unit blank" data-kind="line">${block.labels.map((one) => `<span>${escaped(one)}</span>`).join('')}</div>`;
    case 'row': {
      const page = block.pageOf === undefined ? '' : ` data-page-of="${block.pageOf}"`;
      const hours = block.hours?.map((hour) => `<span>${hour}</span>`).join('') ?? '';
      return `<div class="unit row ${block.table}${block.continues ? ' continues' : ''}" data-kind="row"${page}><div class="cells">${block.cells.map(cellHtml).join('')}</div>${hours === '' ? '' : `<div class="hours">${hours}</div>`}</div>`;
    }
  }
}

function headHtml({ name, facts, allergies, line, alert }: RunningHead): string {
  const who = [said(name, 'span', 'name'), ...facts.map((one) => said(one, 'span', 'fact'))].join('');
  const safety = allergies === null ? '' : said(allergies, 'div', 'allergies');
  const alarm = alert === null ? '' : said(alert, 'div', 'alarm');
  return `<div class="head"><div class="who">${who}</div>${safety}${said(line, 'div', 'line')}${alarm}</div>`;
}

/**
 * A document of sheets, one after the other, which `layOut` (pages.ts) divides into pages. It may load nothing and run
 * nothing.
 */
export function binderHtml(
  { language, t }: Pick<Words, 'language' | 't'>,
  sheets: readonly SheetOfBlocks[],
  foot: string,
  size: PaperSize,
): string {
  const style = STYLE(size, t('(continued)'));
  // What the layout says: the document is laid out again as it was made whenever it is printed.
  const laying = {
    'too-large': t('This entry is too large to print: open it in Wardlight.'),
    unprintable: t('[has letters that this workstation can’t print: read it in Wardlight]'),
    'page-of': t('Page {page} of {pages}'),
  };
  const data = Object.entries(laying).map(([name, said]) => ` data-${name}="${escaped(said)}"`);
  const hash = createHash('sha256').update(style).digest('base64');
  const parts = sheets.map(
    ({ head, blocks }) => `<section class="sheet">${headHtml(head)}${blocks.map(blockHtml).join('')}</section>`,
  );
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><title>Wardlight</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'">
<style>${style}</style></head>
<body><main${data.join('')}>${parts.join('\n')}</main><template><div class="foot">${said(foot)}<span class="page-of"></span></div></template></body></html>`;
}
