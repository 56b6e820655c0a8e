import type { ListFilter } from '../../app/queries.ts';

/** What the list shows and where it stands; kept by the frame, so that leaving a chart comes back to the same place. */
export interface ListView extends ListFilter {
  readonly scrollOffset: number;
  /** The row that keys act on: by id, so that it stays the same patient when rows come and go around it. */
  readonly activeId: string | null;
  readonly activeIndex: number;
  /** True where the list takes the focus when it appears: after the unlock, and coming back from a chart. */
  readonly focusList: boolean;
}

export const INITIAL_LIST_VIEW = {
  scope: { list: 'mine' },
  query: '',
  sort: 'name',
  descending: false,
  scrollOffset: 0,
  activeId: null,
  activeIndex: 0,
  focusList: true,
} as const satisfies ListView;
