import { app, type ProtocolRequest, type Session, session, type UploadData } from 'electron';
import type { Language } from '../../preload/contract/languages.ts';
import { answerCamera } from './camera-protocol.ts';
import type { Camera } from './camera-use.ts';
import { readFirstFiles } from './first-files.ts';
import { restrict } from './permissions.ts';
import { CAMERA_SCHEME, createPageHandler, PAGE_URL, type PageAnswer, SCHEME } from './protocol.ts';
import type { ReadContent } from './viewer-content.ts';
import { answerViewer } from './viewer-protocol.ts';

/** Chromium services that a clinical workstation doesn't need and that would speak to the network by themselves. */
const OFF_SWITCHES = [
  'disable-background-networking',
  'disable-component-update',
  'disable-domain-reliability',
  'disable-sync',
  'disable-breakpad',
  'no-pings',
  'dns-prefetch-disable',
] as const;
const OFF_FEATURES = [
  'AutofillServerCommunication',
  'CertificateTransparencyComponentUpdater',
  'InterestFeedContentSuggestions',
  'MediaRouter',
  'OptimizationHints',
  'Translate',
];

/** Before the app is ready. */
export function switchOffBackgroundServices(): void {
  for (const name of OFF_SWITCHES) app.commandLine.appendSwitch(name);
  app.commandLine.appendSwitch('disable-features', OFF_FEATURES.join(','));
  // A page's hint is a name of its choice, which the DNS server gets to read; the switch above holds for Chrome alone.
  app.commandLine.appendSwitch('blink-settings', 'dnsPrefetchingEnabled=false');
}

/**
 * Each session asks for a dictionary as soon as it is made, whether it is ever to check spelling or not: there is nowhere
 * to ask. Once the app is ready, before any session is made.
 */
export function switchOffDictionaries(): void {
  session.defaultSession.setSpellCheckerEnabled(false);
  session.defaultSession.setSpellCheckerDictionaryDownloadURL('nowhere:///');
}

/**
 * Where everything of the page's session would go that has a way to the network: nobody is there. Calls between browsers
 * (WebRTC) know neither the page's policy nor requests that can be cancelled, but they know a proxy.
 */
const NOWHERE = { mode: 'fixed_servers', proxyRules: 'http://127.0.0.1:1', proxyBypassRules: '<-loopback>' } as const;

export interface PageSessionOptions {
  /** Told when the page has got its first files and works by itself. */
  readonly onScript: () => void;
  /** Gives the viewer what is open. */
  readonly readContent: ReadContent;
  readonly camera: Camera;
  /** The language in which the page is asked for. */
  readonly language: () => Promise<Language>;
}

/**
 * The page's session lives in memory only, so that Chromium writes no cache, cookie or storage of it to disk, and
 * grants nothing: no permission but the camera for a photo, no device, no download, no request that isn't the page's own
 * files.
 */
export function createPageSession(pageFolder: string, options: PageSessionOptions): Session {
  const { onScript, readContent, camera, language } = options;
  const page = session.fromPartition('page', { cache: false });
  const answer = createPageHandler(pageFolder, {
    viewer: (request, file) => answerViewer(request, file, readContent),
    camera: (request, file) => answerCamera(request, file, camera),
    language,
  });
  const first = readFirstFiles(PAGE_URL, answer);
  let hasScript = false;
  // Not `protocol.handle`: it loads Node's whole fetch before the page has its first byte (decision 21).
  const serve = async (request: ProtocolRequest, send: (answer: PageAnswer) => void) => {
    const { url, method, headers, uploadData } = request;
    send(first.take(url) ?? (await answer({ url, method, headers, body: uploadData?.map(inMemory) ?? [] })));
    hasScript ||= url.endsWith('.js');
    if (hasScript && first.allTaken()) onScript();
  };
  for (const scheme of [SCHEME, CAMERA_SCHEME]) page.protocol.registerBufferProtocol(scheme, serve);
  restrict(page, camera.isTaking);
  page.on('will-download', (event) => event.preventDefault());
  void page.setProxy(NOWHERE);
  page.webRequest.onBeforeRequest((details, decide) => {
    const own = /^(app|camera|data|blob|devtools):/.test(details.url);
    decide({ cancel: !own });
  });
  page.setSpellCheckerEnabled(false);
  return page;
}

/** Bytes that were sent along; null for a file or a blob. */
function inMemory({ bytes, file, blobUUID }: UploadData): Uint8Array | null {
  return file === undefined && blobUUID === undefined ? bytes : null;
}
