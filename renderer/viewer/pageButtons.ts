import { t } from '../words/t.ts';
import { addButton, type Frame, make } from './frame.ts';

/** Buttons and a field by which one goes from page to page. */
export function addPageButtons(
  { bar }: Frame,
  count: number,
  onPage: (number: number) => void,
): { tell(number: number): void } {
  let at = 1;
  const field = make('input', { type: 'number', min: '1', max: String(count), value: '1', ariaLabel: t('Page') });
  const go = (number: number) => {
    at = Math.min(count, Math.max(1, Math.trunc(number) || 1));
    field.value = String(at);
    onPage(at);
  };
  addButton(bar, { name: '‹', title: t('Page before'), keys: ['PageUp', 'ArrowLeft'] }, () => go(at - 1));
  bar.append(field, make('span', { className: 'where', textContent: t('of {count}', { count }) }));
  addButton(bar, { name: '›', title: t('Next page'), keys: ['PageDown', 'ArrowRight'] }, () => go(at + 1));
  field.addEventListener('change', () => go(field.valueAsNumber));
  return {
    tell(number) {
      at = number;
      if (document.activeElement !== field) field.value = String(number);
    },
  };
}
