/** Archives with one entry, as the formats' descriptions lay them out. */

export function numbers(...fields: readonly (readonly [value: number, bytes: number])[]): Buffer {
  const parts = fields.map(([value, bytes]) => {
    const part = Buffer.alloc(8);
    part.writeBigUInt64LE(BigInt(value));
    return part.subarray(0, bytes);
  });
  return Buffer.concat(parts);
}

const NAME = Buffer.from('a.txt');

export function zip({ flags = 0, method = 0, entries = 1 } = {}): Buffer {
  const fields = [
    [flags, 2],
    [method, 2],
    [0, 4],
    [0, 4],
    [2, 4],
    [2, 4],
    [NAME.length, 2],
    [0, 2],
  ] as const;
  const local = Buffer.concat([numbers([0x04034b50, 4], [20, 2], ...fields), NAME, Buffer.from('hi')]);
  const rest = numbers([0, 2], [0, 2], [0, 2], [0, 4], [0, 4]);
  const listed = Buffer.concat([numbers([0x02014b50, 4], [20, 2], [20, 2], ...fields), rest, NAME]);
  const end = numbers(
    [0x06054b50, 4],
    [0, 4],
    [entries, 2],
    [entries, 2],
    [listed.length, 4],
    [local.length, 4],
    [0, 2],
  );
  return Buffer.concat([local, listed, end]);
}

export function sevenZip(header: Buffer): Buffer {
  const start = numbers([0, 8], [header.length, 8], [0, 4]);
  return Buffer.concat([Buffer.from('7z\xbc\xaf\x27\x1c\0\x04\0\0\0\0', 'latin1'), start, header]);
}

export function rar4({ main = 0, file = 0 } = {}): Buffer {
  const block = (type: number, flags: number, size: number) =>
    Buffer.concat([numbers([0, 2], [type, 1], [flags, 2], [size, 2]), Buffer.alloc(size - 7)]);
  return Buffer.concat([
    Buffer.from('Rar!\x1a\x07\0', 'latin1'),
    block(0x73, main, 13),
    block(0x74, file | 0x8000, 32),
    block(0x7b, 0, 7),
  ]);
}

export function rar5({ header = false, file = false } = {}): Buffer {
  const block = (...body: readonly number[]) => Buffer.from([0, 0, 0, 0, body.length, ...body]);
  return Buffer.concat([
    Buffer.from('Rar!\x1a\x07\x01\0', 'latin1'),
    ...(header ? [block(4, 0, 0)] : []),
    block(1, 0, 0),
    // Extra area: a time, then perhaps the encryption.
    file ? block(2, 1, 5, 0xff, 2, 3, 0, 1, 1) : block(2, 1, 3, 0xff, 2, 3, 0),
    block(5, 0, 0),
  ]);
}
