/** Most that is held at a time: a photo or a scanned page has a few megabytes. */
const HELD_MAX = 256 << 20;

/** What a camera or scanner gave and is no file: in memory, in pieces, until it is dropped. */
export interface Held {
  /** False where it is too much: then what there was under this name is dropped. */
  add(name: string, piece: Uint8Array): boolean;
  /** All of it; null where there is nothing. */
  find(name: string): Buffer | null;
  drop(name: string): void;
  clear(): void;
}

export function createHeld(max = HELD_MAX): Held {
  const held = new Map<string, Buffer[]>();
  let size = 0;

  function drop(name: string): void {
    for (const piece of held.get(name) ?? []) {
      size -= piece.length;
      piece.fill(0);
    }
    held.delete(name);
  }

  return {
    add(name, piece) {
      if (size + piece.length > max) {
        drop(name);
        return false;
      }
      size += piece.length;
      // Memory of its own, so that it can be wiped.
      held.set(name, [...(held.get(name) ?? []), Buffer.from(piece)]);
      return true;
    },
    find(name) {
      const pieces = held.get(name);
      if (!pieces) return null;
      const [first] = pieces;
      if (pieces.length === 1 && first) return first;
      const whole = Buffer.concat(pieces);
      for (const piece of pieces) piece.fill(0);
      held.set(name, [whole]);
      return whole;
    },
    drop,
    clear() {
      for (const name of [...held.keys()]) drop(name);
    },
  };
}
