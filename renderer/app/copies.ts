import type { ScreenState } from '../../preload/contract/lock.ts';
import { bridge, codeOf } from './bridge.ts';
import { followBridge } from './followBridge.ts';

const readScreen = () => bridge().lock.screen({});
const onScreen = (listener: (state: ScreenState) => void) => bridge().lock.onScreenChanged(listener);

/**
 * Tells main that something of which patient was copied or selected, and never what; where policy lets nothing be copied,
 * nothing is. Answers how to end that.
 */
export function tellCopies(): () => void {
  // The clipboard has it only after the event; by then what was selected may be off the screen.
  const tell = (where: 'clipboard' | 'selection', patientId: string | null) =>
    setTimeout(() => codeOf(bridge().lock.copied({ where, patientId })));
  const copied = () => tell('clipboard', patientOf(document.getSelection()));
  const selected = () => {
    const selection = document.getSelection();
    if (selection?.toString()) tell('selection', patientOf(selection));
  };
  /** Not before main has said so. */
  let mayCopy = false;
  const unfollow = followBridge(readScreen, onScreen, (screen) => {
    mayCopy = screen.mayCopy;
  });
  const withhold = (event: Event) => {
    if (!mayCopy) event.preventDefault();
  };
  const listeners = [
    ['copy', copied],
    ['cut', copied],
    ['copy', withhold],
    ['cut', withhold],
    ['dragstart', withhold],
    ['pointerup', selected],
    ['keyup', selected],
  ] as const;
  for (const [name, listener] of listeners) document.addEventListener(name, listener);
  return () => {
    unfollow();
    for (const [name, listener] of listeners) document.removeEventListener(name, listener);
  };
}

const PATIENT = '[data-patient-id]';

/** The row or the chart in which a selection begins; text in a field of the chart is no selection of the page. */
function patientOf(selection: Selection | null): string | null {
  const node = selection?.anchorNode ?? document.activeElement;
  const element = node instanceof Element ? node : node?.parentElement;
  const shown = element?.closest<HTMLElement>(PATIENT) ?? document.activeElement?.closest<HTMLElement>(PATIENT);
  return shown?.dataset['patientId'] ?? null;
}
