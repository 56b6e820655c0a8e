import { configure } from '@testing-library/react';

// What is looked for may be late on a busy machine; what never comes is told by the test's own time.
configure({ asyncUtilTimeout: 20_000 });

// Gives jsdom what a layout engine would: sizes, so that virtual lists have rows, and the media queries Mantine asks.
const size = { configurable: true, get: () => 600 };
Object.defineProperty(Element.prototype, 'clientHeight', size);
Object.defineProperty(Element.prototype, 'clientWidth', size);
window.matchMedia = (query) =>
  ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }) as unknown as MediaQueryList;
window.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
HTMLElement.prototype.scrollTo = () => undefined;
HTMLDialogElement.prototype.showModal = function show() {
  this.open = true;
};
HTMLDialogElement.prototype.close = function close() {
  this.open = false;
};

// Nothing is drawn: what is plotted is told by tables and by tests of the built program.
const nothing: unknown = new Proxy(() => nothing, { get: () => nothing, set: () => true });
class NoPath {}
for (const name of ['moveTo', 'lineTo', 'rect', 'arc', 'closePath', 'addPath', 'bezierCurveTo', 'quadraticCurveTo']) {
  Object.defineProperty(NoPath.prototype, name, { value: () => undefined });
}
Object.defineProperty(globalThis, 'Path2D', { configurable: true, value: NoPath });
HTMLCanvasElement.prototype.getContext = (() => nothing) as never;
