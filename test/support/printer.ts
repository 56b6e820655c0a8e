import { inMain, type RunningApp } from './app.ts';

/** What went to the printer. */
export interface Print {
  readonly text: string;
  /** Drawn lines of barcodes. */
  readonly bars: number;
  readonly options: { readonly pageSize: unknown; readonly silent: boolean };
  /** Base64. */
  readonly pdf: string;
}

/** Takes the printer's place: keeps text and picture of what goes to it, and the paper. */
export async function watchPrinter({ app }: RunningApp): Promise<void> {
  await app.evaluate(({ app: program }) => {
    program.on('web-contents-created', (_event, contents) => {
      Object.assign(contents, {
        print(options: object, done: (printed: boolean) => void) {
          const told = Promise.all([
            contents.executeJavaScript('document.body.innerText'),
            contents.executeJavaScript('document.querySelectorAll("svg path").length'),
            contents.printToPDF({ preferCSSPageSize: true, printBackground: true }),
          ]);
          void told.then(([text, bars, pdf]) => {
            Reflect.set(globalThis, 'lastPrint', { text, bars, options, pdf: pdf.toString('base64') });
            done(true);
          });
        },
      });
    });
  });
}

export function lastPrint({ app }: RunningApp): Promise<Print> {
  return inMain(app, () => Reflect.get(globalThis, 'lastPrint') as Print);
}
