import { t } from '../words/t.ts';
import { addButton, type Frame } from './frame.ts';

/** Each step is a quarter more; eight times is enough for one character of a scan. */
const STEP = 1.25;
const MAX = 8;
const MIN = 0.1;

/** How large something is shown: as large as fits, or a factor of its own size. */
export interface Zoom {
  /** The factor, where `fit` is the one at which it fits. */
  factor(fit: number): number;
}

/** Adds the buttons and keys for zooming; `fitting` tells at which factor the whole fits just now. */
export function addZoom({ bar, stage }: Frame, fitting: () => number, onZoom: () => void): Zoom {
  let chosen: number | null = null;
  const set = (next: number | null) => {
    chosen = next === null ? null : Math.min(MAX, Math.max(MIN, next));
    onZoom();
  };
  const times = (by: number) => set((chosen ?? fitting()) * by);
  addButton(bar, { name: '−', title: t('Smaller'), keys: ['-'] }, () => times(1 / STEP));
  addButton(bar, { name: '+', title: t('Larger'), keys: ['+', '='] }, () => times(STEP));
  addButton(bar, { name: t('Fit'), title: t('Fit into the window'), keys: ['0'] }, () => set(null));
  stage.addEventListener(
    'wheel',
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      times(event.deltaY < 0 ? STEP : 1 / STEP);
    },
    { passive: false },
  );
  new ResizeObserver(() => chosen === null && onZoom()).observe(stage);
  return { factor: (at) => chosen ?? at };
}
