import { stat } from 'node:fs/promises';
import { type BrowserWindow, dialog, shell } from 'electron';
import type { Language } from '../../preload/contract/languages.ts';

/** The OS's own dialogs for files: the page asks for them, and never learns a path. */
export interface FileDialogs {
  /** The file that a person has chosen, with its size in bytes; null where she has chosen none. */
  pick(): Promise<{ path: string; size: number } | null>;
  /** Where a file is to be saved; null where a person has cancelled. */
  save(name: string): Promise<string | null>;
  /** The same of a support bundle. */
  saveBundle(name: string): Promise<string | null>;
  /** Hands a file to the program that the OS has for it; false where there is none. */
  openPath(path: string): Promise<boolean>;
}

const BUNDLE_TITLES: Readonly<Record<Language, string>> = {
  en: 'Save the support bundle',
  es: 'Guardar el paquete de soporte',
};

export function createFileDialogs(window: () => BrowserWindow, language: () => Promise<Language>): FileDialogs {
  async function askWhere(title: string, name: string): Promise<string | null> {
    const { canceled, filePath } = await dialog.showSaveDialog(window(), {
      title,
      defaultPath: name,
      properties: ['createDirectory', 'showOverwriteConfirmation', 'dontAddToRecent'],
    });
    return canceled || filePath === '' ? null : filePath;
  }
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
    save: (name) => askWhere('Save a copy that is not encrypted', name),
    saveBundle: async (name) => askWhere(BUNDLE_TITLES[await language()], name),
    openPath: async (path) => (await shell.openPath(path)) === '',
  };
}
