import { createHash } from 'node:crypto';
import type { Language } from '../../preload/contract/languages.ts';
import type { NumbersPolicy } from '../managed/numbers.ts';
import { escaped } from './html.ts';

/** What stands on a label: who it is by two identifiers, the number as bars and digits, what it is, when and by whom. */
export interface Label {
  readonly name: string;
  readonly born: string;
  readonly mrn: string;
  readonly number: string;
  /** The number as bars, in SVG. */
  readonly bars: string;
  /** What it is of: `Venous blood specimen`, `Visit`. */
  readonly what: string;
  /** When it was taken or began, and by whom. */
  readonly when: string;
  readonly who: string;
}

/** Width and height in millimetres. */
export type LabelSize = NumbersPolicy['label'];

const STYLE = ({ width, height }: LabelSize) => `
@page { size: ${width}mm ${height}mm; margin: 0; }
* { box-sizing: border-box; margin: 0; padding: 0; }
html { color-scheme: light; }
body { background: #fff; color: #000; font: 8pt/1.2 "Segoe UI", system-ui, "Noto Sans", "DejaVu Sans", sans-serif; }
main { width: ${width}mm; height: ${height - 0.5}mm; padding: 1.5mm 2mm; overflow: hidden; display: flex; flex-direction: column; gap: .4em; }
main > * { flex: none; }
.name { font-size: 1.35em; font-weight: 700; overflow-wrap: anywhere; }
.line { display: flex; flex-wrap: wrap; gap: 0 1em; font-weight: 600; overflow-wrap: anywhere; }
.plain { font-weight: 400; }
.bars { flex: 1 1 0; min-height: 7mm; margin-inline: 11%; }
.bars svg { width: 100%; height: 100%; display: block; }
.number { font-size: 1.6em; font-weight: 700; text-align: center; letter-spacing: .06em; line-height: 1; }
`;

const said = (text: string) => `<bdi dir="auto">${escaped(text)}</bdi>`;

/** A document of one label. It may load nothing and run nothing. */
export function labelHtml(
  { name, born, mrn, number, bars, what, when, who }: Label,
  size: LabelSize,
  language: Language,
): string {
  const style = STYLE(size);
  const hash = createHash('sha256').update(style).digest('base64');
  // As wide as the label leaves room for, but for ten modules on either side (ISO/IEC 15417).
  const drawn = bars.replace('<svg ', '<svg preserveAspectRatio="none" ');
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><title>Wardlight</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'">
<style>${style}</style></head>
<body><main>
<div class="name">${said(name)}</div>
<div class="line">${said(born)}${said(mrn)}</div>
<div class="bars">${drawn}</div>
<div class="number">${said(number)}</div>
<div class="line">${said(what)}</div>
<div class="line plain">${said(when)}${said(who)}</div>
</main></body></html>`;
}

/**
 * Writes the label smaller until all of it fits; answers whether it does. Runs in the hidden page, by its source alone.
 */
export function fitLabel(): boolean {
  const main = document.querySelector('main');
  if (!main) return false;
  const fits = () => main.scrollHeight <= main.clientHeight && main.scrollWidth <= main.clientWidth;
  for (const size of ['', '7pt', '6.2pt', '5.5pt']) {
    document.body.style.fontSize = size;
    if (fits()) return true;
  }
  return false;
}

export const fitLabelSource = () => `(${fitLabel.toString()})()`;
