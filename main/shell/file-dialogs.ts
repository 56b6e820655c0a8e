import { stat } from 'node:fs/promises';
import { type BrowserWindow, dialog, shell } from 'electron';

/** The OS's own dialogs for files: the page asks for them, and never learns a path. */
export interface FileDialogs {
  /** The file that a person has chosen, with its size in bytes; null where she has chosen none. */
  pick(): Promise<{ path: string; size: number } | null>;
  /** Where a file is to be saved; null where a person has cancelled. */
  save(name: string): Promise<string | null>;
  /** Hands a file to the program that the OS has for it; false where there is none. */
  openPath(path: string): Promise<boolean>;
}

export function createFileDialogs(window: () => BrowserWindow): FileDialogs {
  return {
    async pick() {
      const { canceled, filePaths } = await dialog.showOpenDialog(window(), {
        title: 'Attach a file',
        buttonLabel: 'Attach',
        // The name of a patient's file has no place among the OS's recent documents.
        properties: ['openFile', 'dontAddToRecent'],
      });
      const [path] = filePaths;
      if (canceled || path === undefined) return null;
      const size = await stat(path).then(
        (found) => found.size,
        // Looking into it tells what is wrong.
        () => 0,
      );
      return { path, size };
    },
    async save(name) {
      const { canceled, filePath } = await dialog.showSaveDialog(window(), {
        title: 'Save a copy that is not encrypted',
        defaultPath: name,
        properties: ['createDirectory', 'showOverwriteConfirmation', 'dontAddToRecent'],
      });
      return canceled || filePath === '' ? null : filePath;
    },
    openPath: async (path) => (await shell.openPath(path)) === '',
  };
}
