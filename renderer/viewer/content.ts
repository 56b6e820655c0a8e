/** Most that one request asks for; main answers no more. */
const PIECE = 4 << 20;

/** Reads an opened document piece by piece, from main alone. */
export interface Content {
  /** Bytes from `begin` up to but not with `end`; fewer at the end of the document. */
  read(begin: number, end: number): Promise<Uint8Array>;
  size(): Promise<number>;
  /** All of it, or as much as `max`. */
  all(onProgress: (done: number, total: number) => void, max?: number): Promise<Uint8Array<ArrayBuffer>>;
}

export function createContent(handle: string): Content {
  const url = `/content/${handle}`;
  const size = async () => (await piece(url, 0, 1)).total;

  async function all(onProgress: (done: number, total: number) => void, max = Number.POSITIVE_INFINITY) {
    const total = Math.min(await size(), max);
    const bytes = new Uint8Array(total);
    for (let at = 0; at < total; ) {
      const got = await piece(url, at, Math.min(total, at + PIECE));
      bytes.set(got.bytes.subarray(0, total - at), at);
      at += got.bytes.length;
      onProgress(at, total);
    }
    return bytes;
  }

  return {
    size,
    all,
    async read(begin, end) {
      const parts: Uint8Array[] = [];
      for (let at = begin; at < end; ) {
        const { bytes, total } = await piece(url, at, Math.min(end, at + PIECE));
        parts.push(bytes);
        at += bytes.length;
        if (at >= total) break;
      }
      return joined(parts);
    },
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1 && parts[0]) return parts[0];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Not `fetch`: the scheme of the program's own files doesn't have it (main/shell/scheme.ts). */
function piece(url: string, begin: number, end: number): Promise<{ bytes: Uint8Array; total: number }> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('GET', url);
    request.responseType = 'arraybuffer';
    request.setRequestHeader('Range', `bytes=${begin}-${end - 1}`);
    request.onload = () => {
      const total = Number(/\/(\d+)$/.exec(request.getResponseHeader('Content-Range') ?? '')?.[1]);
      const bytes = new Uint8Array(request.response as ArrayBuffer);
      if (request.status === 206 && bytes.length > 0 && total > 0) resolve({ bytes, total });
      else reject(new Error('not open'));
    };
    request.onerror = () => reject(new Error('not open'));
    request.send();
  });
}
