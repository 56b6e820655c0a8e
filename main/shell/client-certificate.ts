import { app, BrowserWindow, type Certificate, type Session } from 'electron';
import type { ClientCertificatesPolicy } from '../managed/connections.ts';
import { mayBeShown } from './host-rules.ts';

/** How long a server may take to say which certificates it wants. */
const OFFER_TIMEOUT_MS = 15_000;
const NEEDED = /ERR_SSL_CLIENT_AUTH_CERT_NEEDED/;

export interface ClientCertificateOptions {
  /** The session of all requests to servers: what is chosen holds for it until the program ends. */
  session: () => Promise<Session>;
  /** Which hosts may be shown which certificates, as policy has it now; null: any of them. */
  rules: () => ClientCertificatesPolicy | null;
  /** Asks a person where the operating system offers several; null for none of them. */
  choose: (host: string, certificates: readonly Certificate[]) => Promise<Certificate | null>;
}

/** A page that meets a server. */
interface Meeting {
  /** Host and port for which a certificate may be chosen. */
  readonly host: string;
  isChosen: boolean;
  decline: () => void;
}

type Fetch = typeof globalThis.fetch;

/**
 * Requests that show a certificate of this workstation where a server asks for one (TLS client authentication). Chromium
 * asks for the choice only of a page, so a page without script or picture meets the server first, unseen, and is gone with
 * the answer. It is shown to the origin that was asked for, and to none that it leads to.
 */
export function withClientCertificate(fetch: Fetch, { session, rules, choose }: ClientCertificateOptions): Fetch {
  /** Hosts with port for which a certificate may be chosen now, by the id of the page that meets them. */
  const meeting = new Map<number, Meeting>();
  const offers = new Map<string, Promise<boolean>>();

  // Without this Electron would show the first certificate to whoever asks.
  app.on('select-client-certificate', (event, contents, asker, certificates, answer) => {
    event.preventDefault();
    const met = contents ? meeting.get(contents.id) : undefined;
    if (!met || met.host !== hostOf(asker)) return (answer as (certificate?: Certificate) => void)();
    const fitting = certificates.filter((one) => mayBeShown(rules(), new URL(`https://${met.host}`).hostname, one));
    const [only] = fitting;
    const chosen = fitting.length === 1 && only ? Promise.resolve(only) : choose(met.host, fitting);
    // "None" is not answered: Chromium would keep it, and not ask again when there is one.
    void chosen.then((certificate) => {
      if (!certificate) return met.decline();
      met.isChosen = true;
      answer(certificate);
    }, met.decline);
  });

  async function meet(origin: string): Promise<boolean> {
    const window = new BrowserWindow({
      show: false,
      webPreferences: {
        session: await session(),
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        javascript: false,
        images: false,
        webgl: false,
        devTools: false,
      },
    });
    const met: Meeting = { host: hostOf(origin), isChosen: false, decline: () => undefined };
    const declined = new Promise<void>((resolve) => {
      met.decline = resolve;
    });
    meeting.set(window.webContents.id, met);
    const { id } = window.webContents;
    // What the server answers is nobody's matter here: the handshake is over by then.
    const answered = window.loadURL(`${origin}/`).catch(() => undefined);
    const late = new Promise((resolve) => setTimeout(resolve, OFFER_TIMEOUT_MS).unref());
    await Promise.race([answered, declined, late]);
    meeting.delete(id);
    window.destroy();
    return met.isChosen;
  }

  function offer(origin: string): Promise<boolean> {
    const begun = offers.get(origin) ?? meet(origin).finally(() => offers.delete(origin));
    offers.set(origin, begun);
    return begun;
  }

  return async (input, init) => {
    try {
      return await fetch(input, init);
    } catch (error) {
      const { url, body } = input instanceof Request ? input : { url: String(input), body: null };
      const isNeeded = error instanceof Error && NEEDED.test(error.message);
      // A body that was begun can't be sent again; whoever sent it hears of it, and its next attempt has the certificate.
      if (!isNeeded || !(await offer(new URL(url).origin)) || body) throw error;
      return fetch(input, init);
    }
  };
}

/** `host:port` as Chromium says it, or a URL. */
function hostOf(address: string): string {
  const url = address.includes('://') ? address : `https://${address}`;
  return URL.canParse(url) ? new URL(url).host : '';
}
