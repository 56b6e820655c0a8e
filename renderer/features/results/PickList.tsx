import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { ResultGroup } from '../../../preload/contract/results.ts';
import { Button } from '../../parts/Button.tsx';
import { shortName } from '../../parts/codeNames.ts';
import { moveIndex } from '../../parts/moveIndex.ts';
import { t } from '../../words/t.ts';
import { FilterInput } from './FilterInput.tsx';
import { type GroupSection, inSections, matchGroups } from './groups.ts';
import css from './results.module.css';

interface Props {
  readonly groups: readonly ResultGroup[];
  readonly picked: readonly string[];
  readonly most: number;
  readonly onPicked: (codes: readonly string[]) => void;
}

/** Which tests are shown together: one by one, or a whole panel. The arrows move, the space bar picks. */
export function PickList({ groups, picked, most, onPicked }: Props) {
  const [query, setQuery] = useState('');
  const box = useRef<HTMLDivElement>(null);
  const sections = inSections(matchGroups(groups, query));
  const isFull = picked.length >= most;
  const toggle = (codes: readonly string[], on: boolean) => {
    const others = picked.filter((code) => !codes.includes(code));
    onPicked(on ? [...others, ...codes].slice(0, most) : others);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const inputs = [...(box.current?.querySelectorAll<HTMLInputElement>('input[type=checkbox]') ?? [])];
    const next = moveIndex(event.key, inputs.indexOf(event.target as HTMLInputElement), inputs.length, 10);
    if (next === null || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    inputs[next]?.focus();
  };
  return (
    <div className={css.side}>
      <div className={css.sideHead}>
        <FilterInput label={t('Filter tests by name')} value={query} onValue={setQuery} />
        <span className={css.picked} role="status">
          {t('{count} of at most {most}', { count: picked.length, most })}
        </span>
        <Button size="tiny" onClick={() => onPicked([])} data-testid="pick-none">
          {t('Clear')}
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the boxes have the focus; their keys are handled for all */}
      <div ref={box} className={css.groups} onKeyDown={onKeyDown}>
        {sections.map((section) => (
          <PickSection key={section.key} section={section} picked={picked} isFull={isFull} toggle={toggle} />
        ))}
        {sections.length === 0 && <p className={css.noMatch}>{t('No test matches “{query}”.', { query })}</p>}
      </div>
    </div>
  );
}

interface SectionProps {
  readonly section: GroupSection;
  readonly picked: readonly string[];
  readonly isFull: boolean;
  readonly toggle: (codes: readonly string[], on: boolean) => void;
}

function PickSection({ section, picked, isFull, toggle }: SectionProps) {
  const codes = section.groups.map(({ code }) => code);
  const count = codes.filter((code) => picked.includes(code)).length;
  const all = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (all.current) all.current.indeterminate = count > 0 && count < codes.length;
  }, [count, codes.length]);
  return (
    <fieldset className={css.pickSection}>
      <legend className="wl-said">{section.title}</legend>
      <label className={css.category}>
        <input
          ref={all}
          type="checkbox"
          checked={count === codes.length}
          disabled={isFull && count === 0}
          onChange={(event) => toggle(codes, event.currentTarget.checked)}
        />{' '}
        {section.title}
        <span className="wl-said"> {t('(all of it)')}</span>
      </label>
      {section.groups.map((group) => (
        <label key={group.code} className={css.pick} title={group.name} data-testid="pick" data-code={group.code}>
          <input
            type="checkbox"
            checked={picked.includes(group.code)}
            disabled={isFull && !picked.includes(group.code)}
            onChange={(event) => toggle([group.code], event.currentTarget.checked)}
          />{' '}
          {shortName(group)}
        </label>
      ))}
    </fieldset>
  );
}
