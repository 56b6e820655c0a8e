import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ListScope, PatientPage, PatientSort } from '../../../preload/contract/patients.ts';
import { PlainButton } from '../../parts/Button.tsx';
import { DataAge } from '../../parts/DataAge.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { number, t } from '../../words/t.ts';
import { DowntimeButton } from '../downtime/DowntimeButton.tsx';
import { scopeTitle } from './listScopes.ts';
import css from './patients.module.css';

interface HeadProps {
  readonly page: PatientPage | undefined;
  readonly scope: ListScope;
  readonly query: string;
  readonly now: Date;
}

/** Title, number of matches (told politely when it changes) and age of the list. */
export function ListHead({ page, scope, query, now }: HeadProps) {
  return (
    <div className={css.head}>
      <h1>{scopeTitle(scope)}</h1>
      <span role="status" aria-live="polite" className="wl-muted" data-testid="patient-count">
        {page ? matchWords(page, scope, query) : ''}
      </span>
      {page?.asOf && (
        <span className={css.headAge}>
          <DataAge state={page.complete ? 'complete' : 'partial'} asOf={page.asOf} now={now} />
        </span>
      )}
      {page && page.total > 0 && (scope.list === 'mine' || scope.list === 'ward') && (
        <DowntimeButton
          scope={{ kind: 'list', query: binderQuery(scope, query) }}
          about={binderWords(page, scope, query)}
          now={now}
        />
      )}
    </div>
  );
}

/** What a binder of the list is made of: the words by which it would be found. */
const binderQuery = (scope: ListScope, query: string) =>
  scope.list === 'ward' ? `${scope.ward} ${query}`.trim() : query;

function binderWords(page: PatientPage, scope: ListScope, query: string): string {
  const said = [scope.list === 'ward' ? scope.ward : '', query && `“${query}”`].filter(Boolean).join(', ');
  return said === ''
    ? t('All your patients ({count})', { count: number(page.total) })
    : `${said} (${number(page.total)})`;
}

function matchWords(page: PatientPage, scope: ListScope, query: string): string {
  // "0 patients" would be a statement about the panel, of which nothing is known yet.
  if (page.panel === 0 && page.asOf === null) return '';
  if (query === '' || scope.list !== 'mine')
    return t('{count, plural, one {# patient} other {# patients}}', { count: page.total });
  return t('{count} of {count2} match', {
    count: number(page.total),
    count2: t('{count, plural, one {# patient} other {# patients}}', { count: page.panel }),
  });
}

const COLUMNS: readonly { readonly title: string; readonly sort: PatientSort | null }[] = [
  { title: t('Name'), sort: 'name' },
  { title: t('Born (age)'), sort: 'age' },
  { title: t('Sex'), sort: null },
  { title: 'MRN', sort: null },
  { title: t('Location'), sort: 'location' },
];
const UPDATED = { title: t('Last updated'), sort: 'updated' } as const;
const APPOINTMENT = { title: t('Appointment'), sort: 'list' } as const;

interface ColumnProps {
  readonly scope: ListScope;
  readonly sort: PatientSort;
  readonly descending: boolean;
  readonly onSort: (sort: PatientSort) => void;
}

/** The heads of the columns; those that can be sorted by are buttons. */
export function ColumnHeads({ scope, sort, descending, onSort }: ColumnProps) {
  const Arrow = descending ? IconArrowDown : IconArrowUp;
  return (
    <thead>
      <tr aria-rowindex={1}>
        {[...COLUMNS, scope.list === 'appointments' ? APPOINTMENT : UPDATED].map((column) => {
          const sorted = column.sort === sort;
          return (
            <th
              key={column.title}
              scope="col"
              {...(sorted ? { 'aria-sort': descending ? ('descending' as const) : ('ascending' as const) } : {})}
            >
              {column.sort === null ? (
                column.title
              ) : (
                <SortButton title={column.title} by={column.sort} onSort={onSort}>
                  {sorted && <Arrow size={14} aria-hidden />}
                </SortButton>
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

interface SortButtonProps {
  readonly title: string;
  readonly by: PatientSort;
  readonly onSort: (sort: PatientSort) => void;
  readonly children: ReactNode;
}

function SortButton({ title, by, onSort, children }: SortButtonProps) {
  return (
    <PlainButton
      className={css.sort}
      onClick={() => onSort(by)}
      // The grid's own Enter opens a patient; on a column head it sorts.
      onKeyDown={(event) => event.key === 'Enter' && event.stopPropagation()}
    >
      {title}
      {children}
    </PlainButton>
  );
}

type Scoped = Exclude<ListScope['list'], 'mine'>;

const EMPTY_TITLES: Readonly<Record<Scoped, string>> = {
  ward: t('Nobody of your patients lies there'),
  appointments: t('No appointments today'),
  recent: t('No chart was opened yet'),
  unfinished: t('Nothing is unfinished'),
};

const EMPTY_WORDS: Readonly<Record<Scoped, string>> = {
  ward: t('As of the last sync, no encounter in progress of one of your patients is on this ward.'),
  appointments: t('As of the last sync, none of your patients has an appointment that begins today.'),
  recent: t('Charts that you open on this workstation appear here, the newest first.'),
  unfinished: t('There are no drafts, and no changes that the server has not taken.'),
};

/** Why there is no row: nothing fetched, nobody on the panel, or nobody found. These are never the same words. */
export function ListEmpty({ page, scope, query }: Pick<HeadProps, 'scope' | 'query'> & { readonly page: PatientPage }) {
  if (page.panel > 0 && query === '' && scope.list !== 'mine') {
    return (
      <EmptyState title={EMPTY_TITLES[scope.list]}>
        <p>{EMPTY_WORDS[scope.list]}</p>
      </EmptyState>
    );
  }
  if (page.panel > 0) {
    return (
      <EmptyState title={t('No match')}>
        <p>
          {t('None of your {count} matches “{query}”.', {
            count: t('{count, plural, one {# patient} other {# patients}}', { count: page.panel }),
            query,
          })}
        </p>
      </EmptyState>
    );
  }
  if (page.asOf === null || !page.complete) {
    return (
      <EmptyState title={t('Not fetched yet')}>
        <p>{t('Your patients appear here as the sync brings them.')}</p>
      </EmptyState>
    );
  }
  return (
    <EmptyState title={t('No patients on your care teams')}>
      <p>{t('The server lists no patient whose care team you are on. Ask the ward to add you, then sync.')}</p>
    </EmptyState>
  );
}
