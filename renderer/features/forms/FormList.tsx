import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useRef, useState } from 'react';
import type { forms } from '../../../preload/contract/forms.ts';
import type { Response } from '../../../preload/contract/index.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { Button } from '../../parts/Button.tsx';
import { DialogFoot } from '../../parts/Dialog.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import fieldCss from '../../parts/fields.module.css';
import { moveIndex } from '../../parts/moveIndex.ts';
import { t } from '../../words/t.ts';
import css from './forms.module.css';

interface Props {
  readonly patientId: string;
  readonly onChoose: (formId: string) => void;
  readonly onClose: () => void;
}

type Known = Response<(typeof forms.calls)['list']>['state'];

/** Where the list may not be all that there is. */
const STATES: Readonly<Record<Known, string | null>> = {
  complete: null,
  partial: t('Not all forms of the server are here yet. Sync to get the others.'),
  'not-permitted': t('Your sign-in doesn’t cover forms, so that none were fetched. Ask IT.'),
  'not-fetched': t('No forms were fetched yet, or the server has none to offer.'),
};

/** What there is to say of the list besides what is in it; null where that is all that there is. */
function stateWords(state: Known, isEmpty: boolean): string | null {
  if (state === 'complete' && isEmpty) return t('The server has no form that is offered here. Ask IT.');
  return state === 'not-fetched' && !isEmpty ? null : STATES[state];
}

/** The forms that are here, by their titles; typing narrows them down. */
export function FormList({ patientId, onChoose, onClose }: Props) {
  const [text, setText] = useState('');
  const list = useRef<HTMLUListElement>(null);
  const query = useQuery({
    queryKey: queryKeys.forms(patientId),
    queryFn: () => unwrap(bridge().forms.list({ patientId })),
    ...recordOptions,
  });
  if (query.isError) return <ErrorState code={failureCode(query.error)} onRetry={() => void query.refetch()} />;
  if (!query.data) return <div aria-busy="true" />;
  const { items, more, state } = query.data;
  const wanted = text.trim().toLowerCase();
  const said = stateWords(state, items.length === 0);
  const shown = items.filter(({ title, about }) => `${title} ${about ?? ''}`.toLowerCase().includes(wanted));
  const onKeyDown = (event: KeyboardEvent) => {
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])];
    const at = buttons.findIndex((button) => button.matches(':focus'));
    const next = moveIndex(event.key, at, buttons.length, buttons.length);
    if (next === null || (at < 0 && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    buttons[next]?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrows move among its buttons
    <div className={css.picker} onKeyDown={onKeyDown}>
      <input
        className={fieldCss.input}
        value={text}
        placeholder={t('Find a form')}
        aria-label={t('Find a form')}
        // biome-ignore lint/a11y/noAutofocus: it is what the dialog is opened for
        autoFocus
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && shown[0]) onChoose(shown[0].id);
        }}
        data-testid="form-find"
      />
      {said && <p className="wl-muted">{said}</p>}
      {more && <p className="wl-muted">{t('There are more forms than can be listed here.')}</p>}
      <ul ref={list} className={css.forms} data-testid="form-list">
        {shown.map(({ id, title, about, version }) => (
          <li key={id}>
            <button type="button" onClick={() => onChoose(id)} data-testid={`form-${id}`}>
              <strong dir="auto">{title}</strong>
              {about && <span dir="auto">{about}</span>}
              {version && <small>{t('Version {version}', { version })}</small>}
            </button>
          </li>
        ))}
      </ul>
      {shown.length === 0 && items.length > 0 && <p className="wl-muted">{t('No form has these words.')}</p>}
      <DialogFoot>
        <Button onClick={onClose}>{t('Cancel')}</Button>
      </DialogFoot>
    </div>
  );
}
