import type { Block } from '../../preload/contract/rich.ts';

/** A block with what belongs below it in a list. */
export interface RichNode {
  readonly block: Block;
  readonly children: RichNode[];
  /** It is deeper without being in a list. */
  readonly quoted: boolean;
}

/** Blocks as a tree: an item holds the items and the text that are deeper than it, and the text that goes on with it. */
export function nested(blocks: readonly Block[]): readonly RichNode[] {
  const top: RichNode[] = [];
  const open: { readonly level: number; readonly node: RichNode }[] = [];
  for (const block of blocks) {
    const level = 'level' in block ? block.level : 0;
    const isItem = block.kind === 'item';
    const isBelow = (above: number) => (isItem ? above < level : above <= level && level > 0);
    while (open.length > 0 && !isBelow(open.at(-1)?.level ?? 0)) open.pop();
    const parent = open.at(-1)?.node;
    const node: RichNode = { block, children: [], quoted: !parent && !isItem && level > 0 };
    (parent?.children ?? top).push(node);
    if (isItem) open.push({ level, node });
  }
  return top;
}
