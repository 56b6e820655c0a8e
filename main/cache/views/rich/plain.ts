import type { Block, RichText, Run } from '../../../../preload/contract/rich.ts';

/** Formatted text in one line, with what is struck out named as that. */
export function plainOf({ blocks }: RichText): string {
  return blocks.map(blockText).filter(Boolean).join(' ');
}

function blockText(block: Block): string {
  if (block.kind === 'rule') return '';
  if (block.kind !== 'table') return runsText(block.runs);
  const cells = block.rows.flat().map(({ runs }) => runsText(runs));
  return [runsText(block.caption), ...cells].filter(Boolean).join(' · ');
}

function runsText(runs: readonly Run[]): string {
  const texts = runs.map(({ text, as }) => (as?.includes('deleted') ? `[struck out: ${text.trim()}]` : text));
  return texts.join('').replace(/\s+/g, ' ').trim();
}
