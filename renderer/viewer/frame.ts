import { type ViewerMessage, WATCH } from './messages.ts';
import './viewer.css';
import { t } from '../words/t.ts';

/** What the page around the viewer has asked it to show. */
export interface Shown {
  readonly handle: string;
  readonly kind: string;
  readonly contentType: string;
}

/** The parts of the viewer: a bar of buttons, and the place where the document is. */
export interface Frame {
  readonly shown: Shown;
  readonly bar: HTMLElement;
  readonly stage: HTMLElement;
  /** Says something in place of the document, with a code for IT where it needs one. */
  say(words: string, code?: string): void;
}

const PAGE_ORIGIN = 'app://wardlight';

/** Builds the viewer's frame. Escape closes it: that is all that it can tell the page. */
export function createFrame(): Frame {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const text = (name: string) => parameters.get(name) ?? '';
  const bar = make('div', { className: 'bar', role: 'toolbar', ariaLabel: t('View') });
  const stage = make('main', { className: 'stage', tabIndex: 0 });
  const message = make('p', { className: 'message', role: 'status', textContent: t('Loading…') });
  stage.append(message);
  document.body.append(bar, stage);
  onKey('Escape', () => tell('wardlight-viewer:close'));
  window.addEventListener('message', answerWatch);
  stage.focus();
  return {
    shown: { handle: text('handle'), kind: text('kind'), contentType: text('contentType') },
    bar,
    stage,
    say(words, code) {
      message.textContent = words;
      if (code !== undefined) message.append(' ', make('code', { textContent: code }));
      message.dataset['final'] = '';
      stage.replaceChildren(message);
      bar.replaceChildren();
    },
  };
}

/** Held for as long as the viewer is there: the page learns by its end that the viewer's process has ended. */
function answerWatch({ origin, data, ports: [port] }: MessageEvent): void {
  if (origin !== PAGE_ORIGIN || data !== WATCH || !port) return;
  port.onmessage = ({ data: word }) => port.postMessage(word);
}

function tell(message: ViewerMessage): void {
  parent.postMessage(message, PAGE_ORIGIN);
}

type Settable<Element> = { [Name in keyof Element]?: Element[Name] };

/** An element with some of its properties. Nothing is ever made from markup. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Settable<HTMLElementTagNameMap[Name]> = {},
): HTMLElementTagNameMap[Name] {
  return Object.assign(document.createElement(name), properties);
}

/** A button of the bar. `keys` work wherever the focus is, but for fields that take them. */
export function addButton(
  bar: HTMLElement,
  { name, title, keys = [] }: { name: string; title: string; keys?: readonly string[] },
  onPress: () => void,
): HTMLButtonElement {
  const hint = keys[0] ? ` (${keys[0]})` : '';
  const button = make('button', { type: 'button', textContent: name, title: `${title}${hint}`, ariaLabel: title });
  button.addEventListener('click', onPress);
  for (const key of keys) onKey(key, onPress);
  bar.append(button);
  return button;
}

/** What a key does. */
export function onKey(wanted: string, act: () => void): void {
  window.addEventListener('keydown', (event) => {
    const isField = event.target instanceof HTMLInputElement && wanted !== 'Escape';
    if (event.key !== wanted || event.altKey || event.metaKey || isField) return;
    event.preventDefault();
    act();
  });
}
