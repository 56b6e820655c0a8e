import { type KeyboardEvent, useEffect, useState } from 'react';
import type { Coding } from '../../../preload/contract/clinical.ts';
import { bridge } from '../../app/bridge.ts';
import fields from '../../parts/fields.module.css';
import { moveIndex } from '../../parts/moveIndex.ts';
import { t } from '../../words/t.ts';
import css from './charting.module.css';
import type { Field, Typed } from './formTypes.ts';
import { LONGEST } from './words.ts';

/** So that a word that is typed in one go is asked for once. */
const WAIT = 150;

interface Props {
  readonly field: Extract<Field, { kind: 'named' }>;
  readonly typed: Typed;
  readonly onTyped: (changes: Typed) => void;
  /** `id`, focus and what describes the field. */
  readonly look: Readonly<Record<string, unknown>> & { readonly id: string };
}

/**
 * A name as it is typed, with codings for it that records here have (WAI-ARIA combobox, list autocomplete). One that is
 * chosen is kept with the name until the name is typed over.
 */
export function SuggestField({ field: { name, suggest }, typed, onTyped, look }: Props) {
  const [query, setQuery] = useState<string | null>(null);
  const [at, setAt] = useState(-1);
  const items = useSuggestions(suggest, query);
  const open = query !== null && items.length > 0;
  const listId = `${look.id}-list`;

  const choose = ({ system, code, display }: Coding) => {
    onTyped({ [name]: display, [`${name}.system`]: system, [`${name}.code`]: code, [`${name}.display`]: display });
    setQuery(null);
  };
  const type = (value: string) => {
    onTyped({ [name]: value, [`${name}.system`]: '', [`${name}.code`]: '', [`${name}.display`]: '' });
    setQuery(value);
    setAt(-1);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!open) return;
    const chosen = items[at];
    if (event.key === 'Enter' && chosen) choose(chosen);
    else if (event.key === 'Escape') setQuery(null);
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp')
      setAt(moveIndex(event.key, at, items.length, items.length) ?? at);
    else return;
    // Neither is the form saved by it nor the dialog closed.
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className={css.suggest}>
      <input
        {...look}
        className={fields.input}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={open}
        aria-controls={listId}
        aria-activedescendant={open && at >= 0 ? `${listId}-${at}` : undefined}
        autoComplete="off"
        maxLength={LONGEST.name}
        value={typed[name] ?? ''}
        onChange={(event) => type(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onBlur={() => setQuery(null)}
      />
      <div id={listId} role="listbox" aria-label={t('Suggestions')} className={css.options} hidden={!open}>
        {items.map(({ system, code, display }, index) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the combobox has the focus and names its active option
          <div
            key={`${system} ${code}`}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === at}
            // Before the field loses the focus, which closes the list.
            onMouseDown={(event) => {
              event.preventDefault();
              choose({ system, code, display });
            }}
            data-testid="suggestion"
          >
            {display}
          </div>
        ))}
      </div>
      <span className="wl-said" role="status">
        {open ? t('{count} suggestions', { count: items.length }) : ''}
      </span>
    </div>
  );
}

function useSuggestions(kind: Props['field']['suggest'], query: string | null): readonly Coding[] {
  const [items, setItems] = useState<readonly Coding[]>([]);
  useEffect(() => {
    const asked = query?.trim() ?? '';
    setItems([]);
    if (asked === '') return;
    let live = true;
    const ask = async () => {
      const answer = await bridge().charting.suggest({ kind, query: asked });
      if (live && answer.ok) setItems(answer.value.items);
    };
    // Without suggestions a name is typed as ever.
    const timer = setTimeout(() => void ask().catch(() => undefined), WAIT);
    return () => {
      live = false;
      clearTimeout(timer);
    };
  }, [kind, query]);
  return items;
}
