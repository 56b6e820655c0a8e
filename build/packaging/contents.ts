/** What a package may hold, file by file. Whatever is not named here is a mistake: a release is refused for it. */

const archs = '(?:x64|arm64)';

/** In app.asar. The names of chunks are the bundler's. */
const inArchive = [
  /^package\.json$/,
  /^out\/main\/(?:index|(?:cache|audit|documents|forms)\/[a-z-]+|chunks\/[\w.~-]+)\.js$/,
  /^out\/preload\/index\.cjs$/,
  /^out\/renderer\/(?:[\w-]+(?:\.[a-z]{2})?\.html|assets\/[\w.~-]+\.(?:js|css|woff2))$/,
  /^out\/renderer\/(?:viewer|camera)\/[\w-]+(?:\.[a-z]{2})?\.html$/,
  /^out\/renderer\/viewer\/pdfjs\/(?:cmaps\/[\w-]+\.bcmap|standard_fonts\/[\w-]+\.(?:pfb|ttf)|wasm\/\w+\.js)$/,
  /^node_modules\/@cedar-policy\/cedar-wasm\/(?:package\.json|nodejs\/(?:package\.json|cedar_wasm\.js|cedar_wasm_bg\.wasm))$/,
  /^node_modules\/@node-rs\/argon2\/(?:package\.json|index\.js|LICENSE)$/,
  /^node_modules\/@node-rs\/argon2-[\w-]+\/package\.json$/,
  /^node_modules\/better-sqlite3-multiple-ciphers\/(?:package\.json|LICENSE|lib\/(?:methods\/)?(?!test)[a-z]+(?:-error)?\.js)$/,
  /^node_modules\/keytar\/(?:package\.json|LICENSE\.md|lib\/keytar\.js)$/,
];

/** Modules with native parts lie beside the archive, as they are loaded from files; only those of the target's system. */
const native = (system: string) => [
  new RegExp(`^node_modules/better-sqlite3-multiple-ciphers/prebuilds/${system}-${archs}\\.node$`),
  new RegExp(`^node_modules/keytar/prebuilds/${system}-${archs}/keytar\\.node$`),
  new RegExp(`^node_modules/@node-rs/argon2-${system}-${archs}[\\w-]*/argon2\\.[\\w-]+\\.node$`),
];

/** The program's folder, without what is in app.asar: on every system, */
const everywhere = [
  /^(?:chrome_(?:100|200)_percent|resources)\.pak$/,
  /^locales\/(?:en-US|en-GB|es|es-419)\.pak$/,
  /^icudtl\.dat$/,
  /^(?:snapshot_blob|v8_context_snapshot)\.bin$/,
  /^vk_swiftshader_icd\.json$/,
  /^LICENSE\.electron\.txt$/,
  /^LICENSES\.chromium\.html$/,
  /^resources\/(?:app\.asar|THIRD-PARTY-NOTICES\.txt)$/,
];
/** and what each has of its own. */
const ofSystem: Readonly<Record<string, readonly RegExp[]>> = {
  linux: [
    /^(?:wardlight|chrome-sandbox|chrome_crashpad_handler)$/,
    /^lib(?:EGL|GLESv2|ffmpeg|vk_swiftshader)\.so$/,
    /^libvulkan\.so\.1$/,
    /^resources\/(?:apparmor-profile|install-update)$/,
  ],
  win32: [
    /^(?:Wardlight|Uninstall Wardlight)\.exe$/,
    /^(?:d3dcompiler_47|dxcompiler|dxil|ffmpeg|libEGL|libGLESv2|vk_swiftshader|vulkan-1)\.dll$/,
  ],
};

/** What a package for Linux installs outside the program's folder. */
const system = [
  /^usr\/bin\/wardlight$/,
  /^usr\/share\/applications\/wardlight\.desktop$/,
  /^usr\/share\/doc\/wardlight\/(?:copyright|policy\.schema\.json)$/,
  /^usr\/share\/icons\/hicolor\/\d+x\d+\/apps\/wardlight\.png$/,
];

const strangers = (names: readonly string[], allowed: readonly RegExp[]) =>
  names.filter((name) => !allowed.some((pattern) => pattern.test(name)));

/** Files in app.asar that have no business there. */
export function strangersInArchive(names: readonly string[], platform = 'linux'): string[] {
  return strangers(names, [...inArchive, ...native(platform)]);
}

/** Files of the program's folder that have no business there. */
export function strangersInFolder(names: readonly string[], platform = 'linux'): string[] {
  const unpacked = 'resources/app.asar.unpacked/';
  const beside = names.filter((name) => name.startsWith(unpacked)).map((name) => name.slice(unpacked.length));
  const rest = names.filter((name) => !name.startsWith(unpacked));
  return [
    ...strangers(rest, [...everywhere, ...(ofSystem[platform] ?? [])]),
    ...strangers(beside, native(platform)).map((name) => `${unpacked}${name}`),
  ];
}

/** Files of a deb or rpm that have no business there; their names begin at the root of the system. */
export function strangersInPackage(names: readonly string[]): string[] {
  const own = 'opt/Wardlight/';
  const inside = names.filter((name) => name.startsWith(own)).map((name) => name.slice(own.length));
  const outside = names.filter((name) => !name.startsWith(own));
  return [...strangers(outside, system), ...strangersInFolder(inside).map((name) => `${own}${name}`)];
}
