import { t } from '../words/t.ts';
import type { Content } from './content.ts';
import { type Frame, make } from './frame.ts';

/** What is longer is not read by anybody at once, and would hold the window up. */
const TEXT_MAX = 2_000_000;

/** Shows a text as text, whatever it looks like. */
export async function showText({ stage }: Frame, content: Content): Promise<void> {
  const size = await content.size();
  const bytes = await content.all(() => undefined, TEXT_MAX);
  const text = make('pre', { className: 'text', textContent: new TextDecoder().decode(bytes) });
  stage.replaceChildren(text);
  if (size > TEXT_MAX) {
    stage.append(make('p', { className: 'note', textContent: t('Only the beginning of this long text is shown.') }));
  }
  stage.dataset['ready'] = '';
}
