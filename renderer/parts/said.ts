import type { SaidBit, SaidItem, SaidItems } from '../../preload/contract/said.ts';
import { t } from '../words/t.ts';
import { codeSetAt, codeWords } from './codeWords.ts';
import { formatDateTime } from './dates.ts';
import { elementWords } from './elementNames.ts';

function bitWords(type: string, bit: SaidBit): string {
  switch (bit.kind) {
    case 'text':
      return bit.text;
    case 'code': {
      const set = codeSetAt(type, bit.at);
      return set ? codeWords(set, bit.code, bit.text) : bit.text;
    }
    case 'time':
      return formatDateTime(bit.time);
    case 'yes':
      return bit.yes ? t('yes') : t('no');
    case 'name':
      return `${elementWords(type, bit.at)}: `;
    case 'file':
      return t('A file ({type})', { type: bit.type });
    case 'hidden':
      return bit.how === 'encrypted' ? t('Encrypted') : t('Masked');
  }
}

/** What one item of an element says, in the words of the page. */
export function itemWords(type: string, item: SaidItem): string {
  return item.map((bit) => bitWords(type, bit)).join('');
}

const LONG = 60;

/** What an element says as one text: short items beside each other, long ones on lines of their own. */
export function saidWords(type: string, items: SaidItems): string {
  const texts = items.map((item) => itemWords(type, item));
  return texts.join(texts.some((text) => text.length > LONG || text.includes('\n')) ? '\n' : ', ');
}

/** True where nothing is told, as all of it is encrypted. */
export function isAllEncrypted(items: SaidItems | null): boolean {
  return items?.every((item) => item.every((bit) => bit.kind === 'hidden' && bit.how === 'encrypted')) ?? false;
}
