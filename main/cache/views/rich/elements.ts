import type { Emphasis } from '../../../../preload/contract/rich.ts';

/* What elements of HTML mean for a reader. What isn't named here is its text alone. */

export const EMPHASIS: Readonly<Record<string, Emphasis>> = {
  ...{ b: 'strong', strong: 'strong', i: 'em', em: 'em', cite: 'em', dfn: 'em', var: 'em' },
  ...{ u: 'underline', ins: 'underline', s: 'deleted', strike: 'deleted', del: 'deleted', mark: 'marked' },
  ...{ sub: 'sub', sup: 'sup', code: 'code', kbd: 'code', samp: 'code', tt: 'code' },
};

/** Elements that begin and end a line. */
export const BLOCKS: ReadonlySet<string> = new Set([
  ...['address', 'article', 'aside', 'body', 'center', 'dd', 'details', 'dialog', 'dir', 'div', 'dl', 'dt', 'fieldset'],
  ...['figcaption', 'figure', 'footer', 'form', 'header', 'hgroup', 'legend', 'main', 'menu', 'nav', 'option', 'p'],
  ...['section', 'summary', 'textarea'],
]);

/** Elements whose content is no text for a reader. */
export const UNREAD: ReadonlySet<string> = new Set(['head', 'script', 'style', 'template', 'title', 'datalist']);

/** Elements that show something that isn't text, or a choice of it: their content is left out, and counted. */
export const SHOWN_OTHERWISE: ReadonlySet<string> = new Set([
  ...['applet', 'audio', 'canvas', 'embed', 'frame', 'frameset', 'iframe', 'img', 'image', 'math', 'object'],
  ...['picture', 'select', 'svg', 'video'],
]);

export const VOID: ReadonlySet<string> = new Set([
  ...['area', 'base', 'basefont', 'br', 'col', 'embed', 'frame', 'hr', 'img', 'image', 'input', 'link', 'meta'],
  ...['param', 'source', 'track', 'wbr'],
]);

/** The rank of a heading; null for anything else. */
export function rankOf(name: string): number | null {
  return /^h[1-6]$/.test(name) ? Number(name[1]) : null;
}

/** What a field of a form says. */
export function fieldText({ type = 'text', value = '', checked }: Readonly<Record<string, string>>): string {
  const kind = type.toLowerCase();
  if (kind === 'checkbox' || kind === 'radio') return checked === undefined ? '☐ ' : '☑ ';
  return ['hidden', 'password', 'button', 'submit', 'reset', 'image', 'file'].includes(kind) ? '' : value;
}

/** Text that is struck out by a style must not read as if it stood. */
export function isStruck(style: string | undefined): boolean {
  return style !== undefined && /line-through/i.test(style);
}
