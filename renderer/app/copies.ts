import { bridge, codeOf } from './bridge.ts';

/** Tells main that something was copied or selected, and never what. Answers how to end that. */
export function tellCopies(): () => void {
  // The clipboard has it only after the event.
  const tell = (where: 'clipboard' | 'selection') => setTimeout(() => codeOf(bridge().lock.copied({ where })));
  const copied = () => tell('clipboard');
  const selected = () => document.getSelection()?.toString() && tell('selection');
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
