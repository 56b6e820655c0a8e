import type { ChartSummary } from '../../../preload/contract/chart.ts';
import type { ChartStart } from '../../app/place.ts';

/** What every section of the summary is given. */
export interface SectionProps {
  readonly chart: ChartSummary;
  readonly now: Date;
  /** What somebody came for. */
  readonly start: ChartStart | null;
  readonly onResult: (code: string) => void;
  readonly onNote: (noteId: string) => void;
}
