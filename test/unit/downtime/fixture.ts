import type { Sheet } from '../../../main/access/sheets.ts';
import { fakeChart, fakePatients } from '../renderer/support/fakeData.ts';

/** What may be printed of an invented patient. */
export function fakeSheet(index = 0, change: Partial<Sheet['chart']> = {}): Sheet {
  const chart = fakeChart(fakePatients(20)[index]!);
  return { chart: { ...chart, ...change }, recentVitals: { items: [], more: false }, changes: [], hiddenChanges: 0 };
}
