/** What a failure of the file system means; null where it isn't one. */
export function diskErrorOf(error: unknown): 'disk-full' | 'store-failed' | null {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return null;
  return error.code === 'ENOSPC' || error.code === 'EDQUOT' ? 'disk-full' : 'store-failed';
}

export function no<Code extends string>(
  code: Code,
  differs?: readonly string[],
): { readonly ok: false; readonly error: { readonly code: Code; readonly differs?: readonly string[] } } {
  return { ok: false, error: differs ? { code, differs } : { code } };
}
