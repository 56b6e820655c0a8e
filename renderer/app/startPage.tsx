/** @jsxImportSource preact */
import { render } from 'preact';
import { App } from './App.tsx';
import { createThemeStore } from './theme.ts';

/** Shows the page in its root element; answers the function that takes it out again. */
export function startPage(root: Element): () => void {
  const theme = createThemeStore();
  render(<App theme={theme} />, root);
  return () => {
    render(null, root);
    theme.end();
  };
}
