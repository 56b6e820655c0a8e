import { randomUUID } from 'node:crypto';
import { BrowserWindow, type Session, session, type WebContents } from 'electron';
import { missing, type PageAnswer, SCHEME } from './protocol.ts';

/** Paper, or a label by its width and height in micrometres. */
export type PaperFormat = 'A4' | 'Letter' | { readonly width: number; readonly height: number };

/** A page that only main sees, for what goes onto paper. */
export interface PaperPage {
  /** Runs a script of ours in it and answers what it answers. */
  run<Value>(source: string): Promise<Value>;
  pdf(): Promise<Buffer>;
  /** The OS's print dialog; false where nothing was printed. */
  print(size: PaperFormat): Promise<boolean>;
  close(): void;
}

export interface Paper {
  /** Rejects where the page can't be loaded. */
  open(html: string): Promise<PaperPage>;
}

/** Shows the OS's dialog for printing what a page shows. */
export type PrintPage = (contents: WebContents, size: PaperFormat) => Promise<boolean>;

const printPage: PrintPage = (contents, pageSize) =>
  new Promise((resolve) => {
    contents.print({ silent: false, printBackground: true, pageSize, margins: { marginType: 'none' } }, (printed) =>
      resolve(printed),
    );
  });

/**
 * Hidden windows that hold one document each: sandboxed, without a bridge, in a session of their own that answers the
 * document itself and nothing else (decision 59).
 */
export function createPaper(print: PrintPage = printPage): Paper {
  const documents = new Map<string, string>();
  let own: Session | null = null;

  return {
    async open(html) {
      own ??= paperSession((url) => documents.get(url));
      const url = `${SCHEME}://paper/${randomUUID()}`;
      documents.set(url, html);
      const window = new BrowserWindow({
        show: false,
        title: 'Wardlight',
        webPreferences: {
          session: own,
          sandbox: true,
          contextIsolation: true,
          nodeIntegration: false,
          webviewTag: false,
          devTools: false,
          spellcheck: false,
          backgroundThrottling: false,
        },
      });
      const close = () => {
        documents.delete(url);
        if (!window.isDestroyed()) window.destroy();
      };
      try {
        await window.loadURL(url);
      } catch (error) {
        close();
        throw error;
      } finally {
        documents.delete(url);
      }
      const contents = window.webContents;
      const ended = new Promise<never>((_, reject) => {
        contents.once('render-process-gone', () => reject(new Error('the paper page ended')));
        contents.once('destroyed', () => reject(new Error('the paper page was closed')));
      });
      ended.catch(() => undefined);
      return {
        run: (source) => Promise.race([contents.executeJavaScript(source), ended]),
        pdf: () => Promise.race([contents.printToPDF({ preferCSSPageSize: true, printBackground: true }), ended]),
        print: (size) => print(contents, size),
        close,
      };
    },
  };
}

function paperSession(find: (url: string) => string | undefined): Session {
  const paper = session.fromPartition('paper', { cache: false });
  paper.protocol.registerBufferProtocol(SCHEME, ({ url }, send) => send(answer(find(url))));
  paper.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  paper.setPermissionCheckHandler(() => false);
  paper.setDevicePermissionHandler(() => false);
  paper.setDisplayMediaRequestHandler((_request, deny) => deny({}));
  paper.on('will-download', (event) => event.preventDefault());
  paper.webRequest.onBeforeRequest(({ url }, decide) => decide({ cancel: find(url) === undefined }));
  paper.setSpellCheckerEnabled(false);
  return paper;
}

function answer(html: string | undefined): PageAnswer {
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    // The document names the one style sheet that it has.
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
  };
  return html === undefined ? missing() : { ...missing(headers), statusCode: 200, data: Buffer.from(html) };
}
