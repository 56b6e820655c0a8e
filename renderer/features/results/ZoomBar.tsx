import { IconArrowLeft, IconArrowRight, IconZoomIn, IconZoomOut } from '@tabler/icons-react';
import type { KeyboardEvent } from 'react';
import { Button } from '../../parts/Button.tsx';
import { t } from '../../words/t.ts';
import css from './results.module.css';
import { Segments } from './Segments.tsx';
import type { SpanControl } from './useSpan.ts';

const CLOSER = 0.5;
const STEP = 0.25;

/** Which stretch of time is shown: a range, or closer and further by buttons; the mouse drags over a plot. */
export function ZoomBar({ control }: { readonly control: SpanControl }) {
  const { ranges, range, choose, isZoomed, zoomBy, moveBy, reset } = control;
  return (
    <div className={css.zoomBar}>
      {ranges.length > 1 && (
        <Segments
          legend={t('Time range of the plot')}
          options={ranges}
          chosen={range}
          onChoose={choose}
          testId="trend-ranges"
        />
      )}
      <div className={css.zoom} role="toolbar" dir="ltr" aria-label={t('Time shown by the plot')}>
        <Button
          size="tiny"
          icon={<IconZoomIn size={14} aria-hidden />}
          onClick={() => zoomBy(CLOSER)}
          aria-label={t('Zoom in')}
          aria-keyshortcuts="+"
          data-testid="zoom-in"
        />
        <Button
          size="tiny"
          icon={<IconZoomOut size={14} aria-hidden />}
          onClick={() => zoomBy(1 / CLOSER)}
          aria-label={t('Zoom out')}
          aria-keyshortcuts="-"
        />
        <Button
          size="tiny"
          icon={<IconArrowLeft size={14} aria-hidden />}
          onClick={() => moveBy(-STEP)}
          aria-label={t('Earlier')}
          aria-keyshortcuts="ArrowLeft"
        />
        <Button
          size="tiny"
          icon={<IconArrowRight size={14} aria-hidden />}
          onClick={() => moveBy(STEP)}
          aria-label={t('Later')}
          aria-keyshortcuts="ArrowRight"
        />
        {isZoomed && (
          <Button size="tiny" onClick={reset} aria-keyshortcuts="0" data-testid="zoom-reset">
            {t('Reset zoom')}
          </Button>
        )}
      </div>
    </div>
  );
}

/** The same by keys, while a plot has the focus. */
export function zoomKeys({ zoomBy, moveBy, reset }: SpanControl) {
  const actions = new Map([
    ['+', () => zoomBy(CLOSER)],
    ['=', () => zoomBy(CLOSER)],
    ['-', () => zoomBy(1 / CLOSER)],
    ['0', reset],
    ['ArrowLeft', () => moveBy(-STEP)],
    ['ArrowRight', () => moveBy(STEP)],
  ]);
  return (event: KeyboardEvent) => {
    const action = actions.get(event.key);
    if (!action || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  };
}
