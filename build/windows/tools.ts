/** Debian packages with which installers for Windows are built and signed, and by which their insides are looked at. */
export const WINDOWS_TOOLS = ['msitools', 'nsis', 'osslsigncode', 'p7zip-full', 'wixl'];

/** Makes the program that stands in for Electron. */
export const STAND_IN_TOOLS = ['gcc-mingw-w64-x86-64'];

/** Windows as far as it can be had here: installers are run under it by tests. */
export const WINE = ['wine', 'wine64'];
