import { WINDOWS_TOOLS } from '../windows/tools.ts';

/** Debian packages with the public tools by which a release is signed, made into repositories and verified. */
export const RELEASE_TOOLS = [
  ...['apt-utils', 'binutils', 'createrepo-c', 'debsig-verify', 'gnupg', 'gpgv', 'openssl', 'rpm'],
  ...WINDOWS_TOOLS,
];
