import { statSync } from 'node:fs';
import { join } from 'node:path';

/** A program for Windows that lies unpacked in a folder, and the installer that is to be made of it. */
export interface Installable {
  readonly folder: string;
  /** Three numbers with dots: installers for Windows know no more. */
  readonly version: string;
  /** The file to make. */
  readonly out: string;
  /** Compress less. */
  readonly fast: boolean;
}

/** The name by which people find it, in its folder's and its program's. */
export const PROGRAM = 'Wardlight.exe';

/** What Windows runs or loads, and asks for a signature of. */
export const SIGNED = /\.(?:exe|dll|node)$/;

/**
 * Arguments of `cmd` that remove what every account of the workstation keeps. `rd` does not go through links, so that no
 * account can have somebody else's files removed. `drive`: of the system, as the installer's language has it.
 */
export const forgetOn = (drive: string): string => {
  const kept = '%P\\AppData\\Roaming\\Wardlight';
  return `/d /c for /d %P in (${drive}\\Users\\*) do if exist "${kept}" rd /s /q "${kept}"`;
};

export function kibibytesOf(folder: string, files: readonly string[]): number {
  return files.reduce((sum, name) => sum + Math.ceil(statSync(join(folder, name)).size / 1024), 0);
}
