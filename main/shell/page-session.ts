import { app, type Session, session } from 'electron';
import { createPageHandler, SCHEME } from './protocol.ts';
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
 * The page's session lives in memory only, so that Chromium writes no cache, cookie or storage of it to disk, and
 * grants nothing: no permission, no device, no download, no request that isn't the page's own files. `onScript` is told
 * when the page has got a script and works by itself; `readContent` gives the viewer what is open.
 */
export function createPageSession(pageFolder: string, onScript: () => void, readContent: ReadContent): Session {
  const page = session.fromPartition('page', { cache: false });
  const answer = createPageHandler(pageFolder, (request, file) => answerViewer(request, file, readContent));
  // Not `protocol.handle`: it loads Node's whole fetch before the page has its first byte (decision 21).
  page.protocol.registerBufferProtocol(SCHEME, async (request, send) => {
    send(await answer(request));
    if (request.url.endsWith('.js')) onScript();
  });
  page.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  page.setPermissionCheckHandler(() => false);
  page.setDevicePermissionHandler(() => false);
  page.setDisplayMediaRequestHandler((_request, deny) => deny({}));
  page.on('will-download', (event) => event.preventDefault());
  page.webRequest.onBeforeRequest((details, decide) => {
    const own = details.url.startsWith(`${SCHEME}:`) || /^(data|blob|devtools):/.test(details.url);
    decide({ cancel: !own });
  });
  page.setSpellCheckerEnabled(false);
  return page;
}

/** Requests to FHIR servers: in memory as well, apart from the page's session, without its request rules. */
export function createServerSession(): Session {
  const server = session.fromPartition('fhir', { cache: false });
  server.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  server.setPermissionCheckHandler(() => false);
  server.setSpellCheckerEnabled(false);
  return server;
}
