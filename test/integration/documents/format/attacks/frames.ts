import { type Attack, change, FRAME, flip, flipped, frameAt } from './tools.ts';

export const ofTheFrames: readonly Attack[] = [
  flip('sequence number of a frame', 'message-damaged', ({ end }) => end + FRAME + 3),
  flip('initialisation vector of a frame', 'message-damaged', ({ end }) => end + 15),
  flip('content of the first frame', 'message-damaged', ({ end }) => end + 16),
  flip('content of a later frame', 'message-damaged', ({ end }) => end + 2 * FRAME + 400),
  flip('tag of a frame', 'message-damaged', ({ end }) => end + FRAME - 1),
  flip('mark of the last frame', 'message-damaged', ({ end }) => end + 3 * FRAME),
  flip('length of the last frame', 'message-truncated', ({ end }) => end + 3 * FRAME + 23),
  change('bit flip: last byte', 'message-damaged', (bytes) => flipped(bytes, bytes.length - 1)),
  change('truncated within a frame', 'message-truncated', (bytes, { end }) => bytes.subarray(0, end + FRAME + 77)),
  change('truncated between frames', 'message-truncated', (bytes, { end }) => bytes.subarray(0, end + 2 * FRAME)),
  change('truncated by one byte', 'message-truncated', (bytes) => bytes.subarray(0, -1)),
  change('truncated behind the header', 'message-truncated', (bytes, { end }) => bytes.subarray(0, end)),
  change('truncated within the header', 'message-truncated', (bytes) => bytes.subarray(0, 300)),
  change('truncated to nothing', 'message-truncated', () => Buffer.alloc(0)),
  change('two frames swapped', 'message-damaged', (bytes, { end }) =>
    Buffer.concat([
      bytes.subarray(0, end),
      frameAt(bytes, end, 1),
      frameAt(bytes, end, 0),
      bytes.subarray(end + 2 * FRAME),
    ]),
  ),
  change('a frame twice', 'message-damaged', (bytes, { end }) =>
    Buffer.concat([bytes.subarray(0, end + FRAME), bytes.subarray(end)]),
  ),
  change('a frame removed', 'message-damaged', (bytes, { end }) =>
    Buffer.concat([bytes.subarray(0, end + FRAME), bytes.subarray(end + 2 * FRAME)]),
  ),
  change('the last frame alone', 'message-damaged', (bytes, { end }) =>
    Buffer.concat([bytes.subarray(0, end), bytes.subarray(end + 3 * FRAME)]),
  ),
  change('a frame of another message', 'message-damaged', (bytes, { end }, { other }) =>
    Buffer.concat([
      bytes.subarray(0, end + FRAME),
      frameAt(other.bytes, other.spooled.headerLength, 1),
      bytes.subarray(end + 2 * FRAME),
    ]),
  ),
  change("another message's body", 'message-damaged', (bytes, { end }, { other }) =>
    Buffer.concat([bytes.subarray(0, end), other.bytes.subarray(other.spooled.headerLength)]),
  ),
  change('bytes after the message', 'ciphertext-length', (bytes) => Buffer.concat([bytes, Buffer.from('more')])),
  change('a whole message after the message', 'ciphertext-length', (bytes, _where, { other }) =>
    Buffer.concat([bytes, other.bytes]),
  ),
];
