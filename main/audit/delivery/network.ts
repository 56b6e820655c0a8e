/** Chromium says why a request failed in the message, Node in a `code` down the causes. */
function wordsOf(error: unknown): string {
  const said: string[] = [];
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    said.push(cause.message, String((cause as { code?: unknown }).code));
  }
  return said.join(' ');
}

/** Whether a request failed for a certificate. */
export function isCertificate(error: unknown): boolean {
  return /ERR_CERT|ERR_SSL|CERT_|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/.test(wordsOf(error));
}

/** Whether a request failed because it was answered by a redirection, which is never followed. */
export function isRedirection(error: unknown): boolean {
  return /redirect/i.test(wordsOf(error));
}
