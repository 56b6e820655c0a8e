import { createHash } from 'node:crypto';
import type { Component } from './components.ts';

export interface BomOptions {
  readonly version: string;
  /** Seconds since 1970. */
  readonly builtAt: number;
  /** SHA-256 of app.asar: which program this list belongs to. */
  readonly archiveHash: string;
}

const SYSTEMS: Readonly<Record<string, string>> = { linux: '', win32: '-windows', darwin: '-macos' };

/** The name of the list of one system's program, beside the packages: what lies in a program differs with the system. */
export const bomName = (version: string, platform: string): string =>
  `wardlight-${version}${SYSTEMS[platform] ?? ''}.cdx.json`;

/** Whether a file is that list, of whatever version. */
export const isBomOf = (name: string, platform: string): boolean => {
  const others = Object.values(SYSTEMS).filter((ending) => ending !== '' && name.endsWith(`${ending}.cdx.json`));
  return name.endsWith('.cdx.json') && (others[0] ?? '') === SYSTEMS[platform];
};

/** An SPDX identifier, or an expression of several. */
const licenses = (spdx: string) =>
  /^(?!LicenseRef-)[\w.+-]+$/.test(spdx) ? [{ license: { id: spdx } }] : [{ expression: spdx }];

/** A version 8 UUID (RFC 9562) of what the list says, so that the same program has the same list. */
function serialOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return `urn:uuid:${parts.join('-')}`;
}

/** A CycloneDX 1.6 list of everything in the program. */
export function bomOf(components: readonly Component[], { version, builtAt, archiveHash }: BomOptions): string {
  const own = `pkg:generic/wardlight@${version}`;
  const listed = components.map(({ type, name, version: of, license, purl }) => ({
    type,
    'bom-ref': purl,
    name,
    version: of,
    licenses: licenses(license),
    purl,
  }));
  const program = {
    type: 'application',
    'bom-ref': own,
    name: 'wardlight',
    version,
    hashes: [{ alg: 'SHA-256', content: archiveHash }],
    licenses: licenses('Apache-2.0'),
    purl: own,
  };
  const bom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: serialOf(JSON.stringify([program, listed])),
    version: 1,
    metadata: { timestamp: new Date(builtAt * 1000).toISOString(), component: program },
    components: listed,
    dependencies: [{ ref: own, dependsOn: listed.map((one) => one['bom-ref']) }],
  };
  return `${JSON.stringify(bom, null, 2)}\n`;
}

/** The notices that licences want to travel with the program, as a text for people. */
export function noticesOf(components: readonly Component[]): string {
  const rule = '-'.repeat(78);
  const parts = components.map(({ name, version, license, texts }) =>
    [rule, `${name} ${version}`, `Licence: ${license}`, ...texts.map((text) => `\n${text}`)].join('\n'),
  );
  return [
    'Wardlight contains the work of others, under their licences. Those of Electron and Chromium are in',
    'LICENSE.electron.txt and LICENSES.chromium.html beside the program.\n',
    ...parts,
    '',
  ].join('\n');
}
