import type { Picture } from './gallery.ts';

const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const titleOf = ({ screen, state }: Picture) => `${screen}: ${state}`;

/** A page to look through the pictures: plain, of files beside it. */
export function indexPage(pictures: readonly Picture[]): string {
  const titles = [...new Set(pictures.map(titleOf))];
  const sections = titles.map((title) => {
    const shown = pictures.filter((picture) => titleOf(picture) === title);
    return `<section><h2>${escaped(title)}</h2>${shown.map(figure).join('')}</section>`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Wardlight: every screen in every state</title>
<style>
  body { margin: 24px; font: 14px/1.4 system-ui, sans-serif; }
  section { display: flex; flex-wrap: wrap; gap: 16px; margin-bottom: 32px; }
  h2 { width: 100%; margin: 0; font-size: 16px; }
  figure { margin: 0; width: 400px; }
  img { width: 100%; border: 1px solid #888; }
</style>
<h1>${pictures.filter(({ ok }) => ok).length} pictures</h1>
${sections.join('\n')}
</html>
`;
}

function figure({ theme, size, file, error = '' }: Picture): string {
  if (file === null) return `<p>${escaped(error)}</p>`;
  const words = escaped(`${theme}, ${size}`);
  const address = encodeURIComponent(file);
  return `<figure><a href="${address}"><img src="${address}" alt="${words}" loading="lazy"></a><figcaption>${words}</figcaption></figure>`;
}
