/** The bytes of a base64 text in its one canonical form; null where it is another. */
export function base64Of(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}
