import type { StoredTransfer } from '../../cache/transfer.ts';
import type { Addresses, Place } from './addresses.ts';

/**
 * Removes from the server what is there of a file that was given up. False: the server couldn't be asked, or asks to wait.
 * What it doesn't let be removed stays: a ciphertext that no record names.
 */
export async function removeStored(
  addresses: Addresses,
  { tus, binary, url }: StoredTransfer,
  signal: AbortSignal,
): Promise<boolean> {
  const upload = tus === null ? null : String((JSON.parse(tus) as { uploadUrl?: unknown }).uploadUrl);
  const named = upload ?? url ?? (binary === null ? null : `Binary/${binary}`);
  const place = named === null ? null : addresses.of(named);
  if (!place) return true;
  const answer = named?.startsWith('Binary/') ? await removeBinary(place, signal) : await removeUpload(place, signal);
  return answer.ok || (answer.error.status !== null && answer.error.status < 500 && answer.error.status !== 429);
}

/** Nothing is deleted without If-Match (design rule 4). */
async function removeBinary({ client, url }: Place, signal: AbortSignal) {
  const seen = await client.ask(url, { method: 'HEAD', headers: { Accept: 'application/octet-stream' }, signal });
  const tag = seen.ok ? seen.value.headers.get('etag') : null;
  return tag === null ? seen : client.ask(url, { method: 'DELETE', headers: { 'If-Match': tag }, signal });
}

/** The extension "termination" of tus 1.0. */
function removeUpload({ client, url }: Place, signal: AbortSignal) {
  return client.ask(url, { method: 'DELETE', headers: { 'Tus-Resumable': '1.0.0' }, signal });
}
