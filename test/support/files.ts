/** Files as people attach them, made here: the same arguments give the same bytes. */

const WORDS = ['wound', 'edge', 'clean', 'granulation', 'exudate', 'dressing', 'changed', 'pain', 'mild', 'review'];

/** A PDF of plain text pages (ISO 32000-1), each with its number and a line of the given text. */
export function pdfOf(pages: number, text: string): Buffer {
  const objects: string[] = [];
  const add = (content: string) => objects.push(content);
  const pageIds = Array.from({ length: pages }, (_, at) => 4 + at * 2);
  add('<< /Type /Catalog /Pages 2 0 R >>');
  add(`<< /Type /Pages /Count ${pages} /Kids [${pageIds.map((id) => `${id} 0 R`).join(' ')}] >>`);
  add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>');
  for (const [at, id] of pageIds.entries()) {
    const lines = [`Page ${at + 1} of ${pages}`, text, ...linesOf(at)];
    const shown = lines.map((line) => `(${line}) Tj 0 -18 Td`).join('\n');
    const stream = `BT /F1 12 Tf 72 760 Td\n${shown}\nET`;
    const resources = '/Resources << /Font << /F1 3 0 R >> >>';
    add(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] ${resources} /Contents ${id + 1} 0 R >>`);
    add(`<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`);
  }
  return assembled(objects);
}

function linesOf(page: number): string[] {
  return Array.from({ length: 30 }, (_, line) =>
    Array.from({ length: 9 }, (_, word) => WORDS[(page * 7 + line * 3 + word * 5) % WORDS.length]).join(' '),
  );
}

/** The objects with their cross-reference table. */
function assembled(objects: readonly string[]): Buffer {
  let file = '%PDF-1.7\n';
  const offsets = objects.map((content, at) => {
    const offset = file.length;
    file += `${at + 1} 0 obj\n${content}\nendobj\n`;
    return offset;
  });
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  const table = `xref\n0 ${size}\n0000000000 65535 f \n${rows}`;
  return Buffer.from(`${file}${table}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`);
}

/** A JPEG with an EXIF block (CIPA DC-008) put into it that tells where and by whom it was taken. */
export function withExif(jpeg: Buffer, told: string): Buffer {
  const text = Buffer.from(`${told}\0`, 'latin1');
  const tiff = Buffer.alloc(26 + text.length);
  tiff.write('MM\0*', 0, 'latin1');
  tiff.writeUInt32BE(8, 4);
  tiff.writeUInt16BE(1, 8);
  // ImageDescription, ASCII, after the directory.
  tiff.writeUInt16BE(0x010e, 10);
  tiff.writeUInt16BE(2, 12);
  tiff.writeUInt32BE(text.length, 14);
  tiff.writeUInt32BE(26, 18);
  text.copy(tiff, 26);
  const head = Buffer.from('\xff\xe1\0\0Exif\0\0', 'latin1');
  head.writeUInt16BE(8 + tiff.length, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, tiff, jpeg.subarray(2)]);
}
