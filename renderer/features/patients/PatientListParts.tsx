import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { PatientPage, PatientSort } from '../../../preload/contract/patients.ts';
import { PlainButton } from '../../parts/Button.tsx';
import { DataAge } from '../../parts/DataAge.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { countWords } from '../../parts/sectionWords.ts';
import { DowntimeButton } from '../downtime/DowntimeButton.tsx';
import css from './patients.module.css';

interface HeadProps {
  readonly page: PatientPage | undefined;
  readonly query: string;
  readonly now: Date;
}

/** Title, number of matches (told politely when it changes) and age of the list. */
export function ListHead({ page, query, now }: HeadProps) {
  return (
    <div className={css.head}>
      <h1>My patients</h1>
      <span role="status" aria-live="polite" className="wl-muted" data-testid="patient-count">
        {page ? matchWords(page, query) : ''}
      </span>
      {page?.asOf && (
        <span className={css.headAge}>
          <DataAge state={page.complete ? 'complete' : 'partial'} asOf={page.asOf} now={now} />
        </span>
      )}
      {page && page.total > 0 && (
        <DowntimeButton scope={{ kind: 'list', query }} about={binderWords(page, query)} now={now} />
      )}
    </div>
  );
}

const binderWords = (page: PatientPage, query: string) =>
  query === '' ? `All your patients (${page.total.toLocaleString('en')})` : `${matchWords(page, query)} “${query}”`;

function matchWords(page: PatientPage, query: string): string {
  // "0 patients" would be a statement about the panel, of which nothing is known yet.
  if (page.panel === 0 && page.asOf === null) return '';
  if (query === '') return countWords(page.total, 'patient');
  return `${page.total.toLocaleString('en')} of ${countWords(page.panel, 'patient')} match`;
}

const COLUMNS: readonly { readonly title: string; readonly sort: PatientSort | null }[] = [
  { title: 'Name', sort: 'name' },
  { title: 'Born (age)', sort: 'age' },
  { title: 'Sex', sort: null },
  { title: 'MRN', sort: null },
  { title: 'Location', sort: 'location' },
  { title: 'Last updated', sort: 'updated' },
];

interface ColumnProps {
  readonly sort: PatientSort;
  readonly descending: boolean;
  readonly onSort: (sort: PatientSort) => void;
}

/** The heads of the columns; those that can be sorted by are buttons. */
export function ColumnHeads({ sort, descending, onSort }: ColumnProps) {
  const Arrow = descending ? IconArrowDown : IconArrowUp;
  return (
    <thead>
      <tr aria-rowindex={1}>
        {COLUMNS.map((column) => {
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

/** Why there is no row: nothing fetched, nobody on the panel, or nobody found. These are never the same words. */
export function ListEmpty({ page, query }: { readonly page: PatientPage; readonly query: string }) {
  if (page.panel > 0) {
    return (
      <EmptyState title="No match">
        <p>
          None of your {countWords(page.panel, 'patient')} matches “{query}”.
        </p>
      </EmptyState>
    );
  }
  if (page.asOf === null || !page.complete) {
    return (
      <EmptyState title="Not fetched yet">
        <p>Your patients appear here as the sync brings them.</p>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No patients on your care teams">
      <p>The server lists no patient whose care team you are on. Ask the ward to add you, then sync.</p>
    </EmptyState>
  );
}
