import { useState } from 'react';
import type { KeptFilter, ListScope } from '../../../preload/contract/patients.ts';
import { PlainButton } from '../../parts/Button.tsx';
import { t } from '../../words/t.ts';
import { KeepFilterDialog } from './KeepFilterDialog.tsx';
import { type Lists, MINE, SCOPE_TITLES, useKeptFilters, useLists } from './listScopes.ts';
import css from './lists.module.css';
import type { ListView } from './listView.ts';

interface Props {
  readonly view: ListView;
  readonly now: Date;
  readonly onScope: (scope: ListScope) => void;
  readonly onFilter: (filter: KeptFilter) => void;
}

/** The lists that a clinician works from, with how many are on each. */
export function ListChooser({ view, now, onScope, onFilter }: Props) {
  const lists = useLists(now);
  const [keeping, setKeeping] = useState(false);
  const { scope } = view;
  const chosen = (list: ListScope['list']) => scope.list === list;
  return (
    <nav className={css.chooser} aria-label={t('Lists of patients')}>
      <ListButton name="mine" count={lists?.mine} chosen={chosen('mine')} onChoose={() => onScope(MINE)} />
      <WardChoice wards={lists?.wards ?? []} scope={scope} onScope={onScope} />
      <ListButton
        name="appointments"
        count={lists?.appointments}
        chosen={chosen('appointments')}
        onChoose={() => onScope({ list: 'appointments' })}
      />
      {(['recent', 'unfinished'] as const).map((list) => (
        <ListButton
          key={list}
          name={list}
          count={lists?.[list]}
          chosen={chosen(list)}
          onChoose={() => onScope({ list })}
        />
      ))}
      <KeptChoice onFilter={onFilter} onKeep={() => setKeeping(true)} />
      {keeping && <KeepFilterDialog view={view} onClose={() => setKeeping(false)} />}
    </nav>
  );
}

interface ButtonProps {
  readonly name: keyof typeof SCOPE_TITLES;
  readonly count: number | undefined;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}

function ListButton({ name, count, chosen, onChoose }: ButtonProps) {
  return (
    <PlainButton className={css.choice} aria-pressed={chosen} onClick={onChoose} data-testid={`list-${name}`}>
      {SCOPE_TITLES[name]}
      {count !== undefined && <span className={css.count}>{count}</span>}
    </PlainButton>
  );
}

interface WardProps {
  readonly wards: Lists['wards'];
  readonly scope: ListScope;
  readonly onScope: (scope: ListScope) => void;
}

function WardChoice({ wards, scope, onScope }: WardProps) {
  const ward = scope.list === 'ward' ? scope.ward : '';
  // A ward whose last patient has gone stays chosen, and says that nobody is there.
  const gone = ward !== '' && !wards.some((one) => one.ward === ward);
  return (
    <select
      className={css.select}
      aria-label={t('Ward')}
      data-chosen={ward !== '' || undefined}
      value={ward}
      onChange={({ currentTarget: { value } }) => onScope(value === '' ? MINE : { list: 'ward', ward: value })}
      data-testid="list-ward"
    >
      <option value="">{t('All wards')}</option>
      {gone && <option value={ward}>{ward} (0)</option>}
      {wards.map((one) => (
        <option key={one.ward} value={one.ward}>
          {one.ward} ({one.count})
        </option>
      ))}
    </select>
  );
}

const KEEP = ' keep';

/** Kept filters, and the way to keep one more. A name can't begin with a blank, so the last choice is none of them. */
function KeptChoice({ onFilter, onKeep }: { onFilter: Props['onFilter']; onKeep: () => void }) {
  const kept = useKeptFilters();
  const choose = (name: string) => {
    const filter = kept.find((one) => one.name === name);
    if (filter) onFilter(filter);
    else if (name === KEEP) onKeep();
  };
  return (
    <select
      className={css.select}
      aria-label={t('Saved filters')}
      value=""
      onChange={(event) => choose(event.currentTarget.value)}
      data-testid="list-kept"
    >
      <option value="">{t('Saved filters')}</option>
      {kept.map(({ name }) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
      <option value={KEEP}>{t('Save or remove…')}</option>
    </select>
  );
}
