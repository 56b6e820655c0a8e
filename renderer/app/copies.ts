import { bridge, codeOf } from './bridge.ts';

/** Tells main that something of which patient was copied or selected, and never what. Answers how to end that. */
export function tellCopies(): () => void {
  // The clipboard has it only after the event; by then what was selected may be off the screen.
  const tell = (where: 'clipboard' | 'selection', patientId: string | null) =>
    setTimeout(() => codeOf(bridge().lock.copied({ where, patientId })));
  const copied = () => tell('clipboard', patientOf(document.getSelection()));
  const selected = () => {
    const selection = document.getSelection();
    if (selection?.toString()) tell('selection', patientOf(selection));
  };
  const listeners = [
    ['copy', copied],
    ['cut', copied],
    ['pointerup', selected],
    ['keyup', selected],
  ] as const;
  for (const [name, listener] of listeners) document.addEventListener(name, listener);
  return () => {
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
