import { IconLock } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { SectionState } from '../../../preload/contract/chart.ts';
import type { ResultGroup } from '../../../preload/contract/results.ts';
import { shortName } from '../../parts/codeNames.ts';
import { statusWords } from '../../parts/codeWords.ts';
import { DataAge } from '../../parts/DataAge.tsx';
import { formatDateTime } from '../../parts/dates.ts';
import { FlagBadge } from '../../parts/FlagBadge.tsx';
import { ltr } from '../../parts/ltr.ts';
import { moveIndex } from '../../parts/moveIndex.ts';
import { Quantity } from '../../parts/Quantity.tsx';
import { t } from '../../words/t.ts';
import { FilterInput } from './FilterInput.tsx';
import { inListOrder, inSections, matchGroups } from './groups.ts';
import css from './results.module.css';
import { deltaWords, flagFromWords, isCorrected } from './resultWords.ts';

interface Props {
  readonly groups: readonly ResultGroup[];
  readonly state: SectionState;
  readonly asOf: string | null;
  readonly deletionsUnknown: boolean;
  readonly now: Date;
  readonly chosen: string | null;
  readonly onChoose: (code: string) => void;
}

/** What was measured, by category, with the newest value. Keys move the choice, and the trend follows. */
export function GroupList({ groups, state, asOf, deletionsUnknown, now, chosen, onChoose }: Props) {
  const baseId = useId();
  const [query, setQuery] = useState('');
  const box = useRef<HTMLDivElement>(null);
  const matching = matchGroups(groups, query);
  const ordered = inListOrder(matching);
  const index = ordered.findIndex((group) => group.code === chosen);

  useEffect(() => {
    if (index >= 0) document.getElementById(`${baseId}-${index}`)?.scrollIntoView?.({ block: 'nearest' });
  }, [baseId, index]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const next = moveIndex(event.key, index, ordered.length, 10);
    const group = next === null ? null : ordered[next];
    if (!group) return;
    event.preventDefault();
    onChoose(group.code);
  };

  return (
    <div className={css.side}>
      <div className={css.sideHead}>
        <FilterInput
          label={t('Filter results by name')}
          value={query}
          onValue={setQuery}
          onKeyDown={(event) => ['ArrowDown', 'Enter', 'Escape'].includes(event.key) && box.current?.focus()}
        />
        <DataAge state={state} asOf={asOf} deletionsUnknown={deletionsUnknown} now={now} brief />
      </div>
      <div
        ref={box}
        className={css.groups}
        role="listbox"
        tabIndex={0}
        aria-label={t('Results')}
        aria-activedescendant={index >= 0 ? `${baseId}-${index}` : undefined}
        onKeyDown={onKeyDown}
      >
        {inSections(matching).map((section) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset is no group of a listbox
          <div key={section.key} role="group" aria-label={section.title}>
            <div className={css.category} aria-hidden>
              {section.title}
            </div>
            {section.groups.map((group) => (
              <Group
                key={group.code}
                id={`${baseId}-${ordered.indexOf(group)}`}
                group={group}
                chosen={group.code === chosen}
                onChoose={onChoose}
              />
            ))}
          </div>
        ))}
        {ordered.length === 0 && <p className={css.noMatch}>{t('No result matches “{query}”.', { query })}</p>}
      </div>
    </div>
  );
}

interface GroupProps {
  readonly id: string;
  readonly group: ResultGroup;
  readonly chosen: boolean;
  readonly onChoose: (code: string) => void;
}

function Group({ id, group, chosen, onChoose }: GroupProps) {
  const { latest } = group;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox handles the keys of its options
    // biome-ignore lint/a11y/useFocusableInteractive: the listbox has the focus and names its active option
    <div
      id={id}
      className={css.group}
      role="option"
      aria-selected={chosen}
      data-testid="result-group"
      data-code={group.code}
      onClick={() => onChoose(group.code)}
    >
      <span className={css.groupName} title={group.name}>
        {shortName(group)}
      </span>
      <span
        className={css.groupValue}
        title={`${latest.value} ${latest.unit ?? ''}, ${formatDateTime(latest.effective)}`}
      >
        {latest.encrypted.length > 0 && <IconLock size={13} aria-hidden className={css.groupLock} />}
        <Quantity value={latest.value} unit={latest.unit} />
      </span>
      <span>
        <span title={flagFromWords(latest.flag, group.flagFrom) ?? undefined}>
          <FlagBadge flag={latest.flag} />
        </span>
      </span>
      <GroupMore group={group} />
      <span className={css.groupCount}>
        {group.count}
        <span className="wl-said"> {group.count === 1 ? 'value' : 'values'}</span>
      </span>
    </div>
  );
}

/** What the newest value was before, and how far it is from the one before it. */
function GroupMore({ group }: { readonly group: ResultGroup }) {
  const { delta, was, latest } = group;
  if (!delta && !isCorrected(latest.status)) return null;
  return (
    <span className={css.groupMore}>
      {delta && (
        <span title={deltaWords(delta)}>
          {t('{change} from {before}', { change: ltr(delta.change), before: ltr(delta.before) })}
        </span>
      )}
      {isCorrected(latest.status) && (
        <span className={css.corrected}>
          {was === null
            ? statusWords(latest.status)
            : t('{status}, was {was}', { status: statusWords(latest.status), was })}
        </span>
      )}
    </span>
  );
}
