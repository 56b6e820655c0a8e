import type { SaidBit, SaidItems } from '../../preload/contract/said.ts';

/** An element of which each item is a text. */
export function said(...texts: readonly string[]): SaidItems {
  return texts.map((text) => [{ kind: 'text', text }]);
}

function bitText(bit: SaidBit): string {
  switch (bit.kind) {
    case 'text':
    case 'code':
      return bit.text;
    case 'time':
      return bit.time;
    case 'yes':
      return String(bit.yes);
    case 'name':
      return `${bit.at}: `;
    case 'file':
      return `file ${bit.type}`;
    case 'hidden':
      return bit.how;
  }
}

/** What an element says, in the plainest way; null where it isn't there. */
export function saidText(items: SaidItems | null | undefined): string | null {
  return items ? items.map((item) => item.map(bitText).join('')).join(' | ') : null;
}
