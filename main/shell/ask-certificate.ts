import { type BrowserWindow, type Certificate, dialog } from 'electron';

/** Lets a person choose by which certificate a server is to know this workstation; null for none. */
export async function askForCertificate(
  window: BrowserWindow,
  host: string,
  certificates: readonly Certificate[],
): Promise<Certificate | null> {
  if (certificates.length === 0 || window.isDestroyed()) return null;
  const names = certificates.map(({ subjectName, issuerName, validExpiry }) => {
    const until = new Date(validExpiry * 1000).toISOString().slice(0, 10);
    return `${subjectName} (${issuerName}, until ${until})`;
  });
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    title: 'Wardlight',
    message: 'Which certificate is it to be?',
    detail: `${host} asks for a certificate of this workstation. If you don't know, ask IT.`,
    buttons: [...names, 'None'],
    cancelId: names.length,
    noLink: true,
  });
  return certificates[response] ?? null;
}
