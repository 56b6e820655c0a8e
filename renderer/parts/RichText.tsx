import { createElement, Fragment, type ReactNode } from 'react';
import type { Cell, Emphasis, RichText as Rich, Run } from '../../preload/contract/rich.ts';
import { t } from '../words/t.ts';
import css from './rich.module.css';
import { nested, type RichNode } from './richNodes.ts';

const ELEMENTS: Readonly<Record<Emphasis, string>> = {
  strong: 'strong',
  em: 'em',
  underline: 'u',
  deleted: 'del',
  marked: 'mark',
  sub: 'sub',
  sup: 'sup',
  code: 'code',
  alt: 'em',
};

/** The title of what is read is a heading of the second rank. */
const RANK_ABOVE = 2;
const RANK_MAX = 6;
/** What is far from sight is not laid out. */
const TOGETHER = 40;

/**
 * What a formatted note or narrative says, in elements of ours: there is no HTML here that could bring anything else
 * (docs/architecture.md).
 */
export function RichText({ rich: { blocks, omitted, cut } }: { readonly rich: Rich }) {
  const nodes = nested(blocks);
  const parts = Array.from({ length: Math.ceil(nodes.length / TOGETHER) }, (_, at) =>
    nodes.slice(at * TOGETHER, (at + 1) * TOGETHER),
  );
  return (
    <div className={css.rich} data-testid="rich-text">
      {(omitted > 0 || cut) && (
        <p className={css.missing}>
          {omitted > 0 &&
            `${t('{omitted, plural, one {# picture or embedded part} other {# pictures or embedded parts}} not shown.', { omitted })} `}
          {cut && t('It is longer than what is shown here.')}
        </p>
      )}
      {parts.map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text that never change their order
        <div key={at} className={css.part}>
          <Nodes nodes={part} />
        </div>
      ))}
      {blocks.length === 0 && <p className={css.missing}>{t('There is no text in it.')}</p>}
    </div>
  );
}

/** Items that follow one another are one list, numbered or not. */
function Nodes({ nodes }: { readonly nodes: readonly RichNode[] }) {
  const shown: ReactNode[] = [];
  for (let at = 0; at < nodes.length; ) {
    const start = at;
    const kind = kindOf(nodes[at]);
    do at += 1;
    while (kind !== null && at < nodes.length && kindOf(nodes[at]) === kind);
    const part = nodes.slice(start, at);
    shown.push(
      kind === null ? <Block key={start} node={part[0] as RichNode} /> : <List key={start} kind={kind} items={part} />,
    );
  }
  return shown;
}

function kindOf(node: RichNode | undefined): 'ol' | 'ul' | 'blockquote' | null {
  if (!node) return null;
  if (node.block.kind === 'item') return node.block.number === null ? 'ul' : 'ol';
  return node.quoted ? 'blockquote' : null;
}

function List({
  kind: Kind,
  items,
}: {
  readonly kind: 'ol' | 'ul' | 'blockquote';
  readonly items: readonly RichNode[];
}) {
  return (
    <Kind>
      {items.map((node, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the items of a text that never change their order
        <Block key={at} node={node} />
      ))}
    </Kind>
  );
}

function Block({ node: { block, children } }: { readonly node: RichNode }) {
  switch (block.kind) {
    case 'heading':
      return createElement(`h${Math.min(RANK_MAX, block.rank + RANK_ABOVE)}`, null, <Runs runs={block.runs} />);
    case 'text':
      return (
        <p>
          <Runs runs={block.runs} />
        </p>
      );
    case 'lines':
      return (
        <pre>
          <Runs runs={block.runs} />
        </pre>
      );
    case 'item':
      return (
        <li {...(block.number !== null && { value: block.number })}>
          <Runs runs={block.runs} />
          <Nodes nodes={children} />
        </li>
      );
    case 'rule':
      return <hr />;
    case 'table':
      return <Table caption={block.caption} rows={block.rows} />;
  }
}

function Table({ caption, rows }: { readonly caption: readonly Run[]; readonly rows: readonly (readonly Cell[])[] }) {
  return (
    <table>
      {caption.length > 0 && (
        <caption>
          <Runs runs={caption} />
        </caption>
      )}
      <tbody>
        {rows.map((row, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows of a table that never change their order
          <tr key={at}>
            {row.map(({ header, columns, rows: high, runs }, place) =>
              createElement(
                header ? 'th' : 'td',
                { key: place, colSpan: columns, rowSpan: high },
                <Runs runs={runs} />,
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Runs({ runs }: { readonly runs: readonly Run[] }) {
  return runs.map(({ text, as = [] }, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the runs of a text that never change their order
    <Fragment key={at}>
      {as.reduceRight<ReactNode>(
        (inner, one) => createElement(ELEMENTS[one], one === 'alt' ? { className: css.alt } : null, inner),
        as.includes('alt') ? `[${text}]` : text,
      )}
    </Fragment>
  ));
}
