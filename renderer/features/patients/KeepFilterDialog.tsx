import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { bridge, codeOf } from '../../app/bridge.ts';
import { queryKeys } from '../../app/queries.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import fields from '../../parts/fields.module.css';
import { t } from '../../words/t.ts';
import { scopeTitle, useKeptFilters } from './listScopes.ts';
import css from './lists.module.css';
import type { ListView } from './listView.ts';

const NAME_MAX = 60;

/** Keeps what the list shows by a name, and lets go of what was kept. */
export function KeepFilterDialog({ view, onClose }: { readonly view: ListView; readonly onClose: () => void }) {
  const id = useId();
  const { scope, query, sort, descending } = view;
  const kept = useKeptFilters();
  const client = useQueryClient();
  const [name, setName] = useState(() => [scopeTitle(scope), query].filter(Boolean).join(' · ').slice(0, NAME_MAX));
  const [failure, setFailure] = useState<string | null>(null);

  const refresh = () => client.invalidateQueries({ queryKey: queryKeys.keptFilters });
  const keep = async (event: FormEvent) => {
    event.preventDefault();
    const filter = { name: name.trim(), scope, query, sort, descending };
    if (filter.name === '') return;
    const code = await codeOf(bridge().patients.keepFilter({ filter }));
    setFailure(code);
    await refresh();
    if (code === null) onClose();
  };
  const drop = async (dropped: string) => {
    setFailure(await codeOf(bridge().patients.dropFilter({ name: dropped })));
    await refresh();
  };

  return (
    <Dialog title={t('Saved filters')} onClose={onClose} testId="keep-filter">
      <form id={id} onSubmit={keep} className={fields.form}>
        <div className={fields.field}>
          <label htmlFor={`${id}-name`}>{t('Save what the list shows now as')}</label>
          <input
            id={`${id}-name`}
            className={fields.input}
            value={name}
            maxLength={NAME_MAX}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        </div>
      </form>
      {failure && <FailureAlert code={failure} />}
      {kept.length > 0 && (
        <ul className={css.kept}>
          {kept.map((filter) => (
            <li key={filter.name}>
              <span>{filter.name}</span>
              <Button
                size="small"
                onClick={() => drop(filter.name)}
                aria-label={t('Remove {name}', { name: filter.name })}
              >
                {t('Remove')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <DialogFoot>
        <Button onClick={onClose}>{t('Close')}</Button>
        <Button kind="main" type="submit" form={id} aria-disabled={name.trim() === '' || undefined}>
          {t('Save')}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
