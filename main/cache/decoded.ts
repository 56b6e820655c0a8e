/** Longest HTML that is read: pictures that stand in the text are most of a long one. */
export const HTML_MAX = 8_000_000;

const CHARSET = /charset\s*=\s*["']?([\w.:-]{1,40})/i;

/** Base64 of a text type as its content type says it is written; what names no known set of letters is UTF-8. */
export function decoded(data: string, contentType: string): string {
  return decoderOf(CHARSET.exec(contentType)?.[1] ?? 'utf-8').decode(Buffer.from(data, 'base64'));
}

function decoderOf(charset: string): TextDecoder {
  try {
    return new TextDecoder(/^latin-?1$/i.test(charset) ? 'windows-1252' : charset);
  } catch {
    return new TextDecoder();
  }
}
