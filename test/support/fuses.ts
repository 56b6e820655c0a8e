/** By which Electron's binary marks where its fuses are; then their version, their number, and each as a digit. */
export const FUSE_MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\u0001\u0008';
export const FUSES_AS_RELEASED = '01001100';
