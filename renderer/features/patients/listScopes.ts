import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Response } from '../../../preload/contract/index.ts';
import type { AskedScope, KeptFilter, ListScope, patients } from '../../../preload/contract/patients.ts';
import { bridge, unwrap } from '../../app/bridge.ts';
import { queryKeys } from '../../app/queries.ts';
import { t } from '../../words/t.ts';

export type Lists = Response<(typeof patients)['calls']['lists']>;

export const MINE: ListScope = { list: 'mine' };

/** The day in the workstation's calendar, from its first instant to that of the next. */
export function dayOf(now: Date): { readonly from: string; readonly to: string } {
  const [year, month, day] = [now.getFullYear(), now.getMonth(), now.getDate()];
  return { from: new Date(year, month, day).toISOString(), to: new Date(year, month, day + 1).toISOString() };
}

/** A list as it is asked for at a time. */
export function askedAt(scope: ListScope, now: Date): AskedScope {
  return scope.list === 'appointments' ? { ...scope, ...dayOf(now) } : scope;
}

/** What a list is called. */
export function scopeTitle(scope: ListScope): string {
  if (scope.list === 'ward') return scope.ward;
  return SCOPE_TITLES[scope.list];
}

export const SCOPE_TITLES = {
  mine: t('My patients'),
  appointments: t('Today’s appointments'),
  recent: t('Recently opened'),
  unfinished: t('Unfinished work'),
} as const;

/** True where a list has an order of its own. */
export const hasOwnOrder = ({ list }: ListScope) => list === 'appointments' || list === 'recent';

/** How many are on each list. */
export function useLists(now: Date): Lists | undefined {
  const day = dayOf(now);
  const query = useQuery({
    queryKey: queryKeys.patientLists(day.from),
    queryFn: () => unwrap(bridge().patients.lists(day)),
    placeholderData: keepPreviousData,
  });
  return query.data;
}

/** The filters that are kept, by name. */
export function useKeptFilters(): readonly KeptFilter[] {
  const query = useQuery({
    queryKey: queryKeys.keptFilters,
    queryFn: () => unwrap(bridge().patients.filters({})),
  });
  return query.data?.items ?? [];
}
