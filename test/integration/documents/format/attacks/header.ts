import { context } from '../support.ts';
import { type Attack, flip, flipped, KEY_ENTRY, offsets, valueOffset } from './tools.ts';

export const ofTheHeader: readonly Attack[] = [
  flip('version', 'message-header-invalid', () => 0, 2),
  flip('suite', 'message-suite-refused', () => 2),
  flip('suite, to the signed one', 'message-header-invalid', () => 1),
  flip('message id', 'commitment-mismatch', ({ messageId }) => messageId),
  flip('length of the context', 'message-too-many-keys', ({ contextLength }) => contextLength + 1),
  flip('number of context fields', 'message-header-invalid', ({ contextCount }) => contextCount + 1),
  flip('number of wrapped keys', 'message-header-invalid', ({ keys }) => keys + 1),
  flip('length of a provider', 'message-header-invalid', ({ keys }) => keys + 3),
  flip("another recipient's provider", 'message-header-invalid', ({ keys }) => keys + 4),
  flip("another recipient's name", 'message-header-invalid', ({ keys }) => keys + 2 + 13),
  flip("another recipient's wrapped key", 'message-header-invalid', ({ keys }) => keys + 2 + KEY_ENTRY - 1),
  flip('our own name', 'not-a-recipient', ({ keys }) => keys + 2 + KEY_ENTRY + 13),
  flip('our own wrapped key', 'not-a-recipient', ({ keys }) => keys + 2 + 2 * KEY_ENTRY - 1),
  flip('content type', 'message-not-framed', ({ contentType }) => contentType),
  flip('frame length', 'message-header-invalid', ({ frameLength }) => frameLength + 3),
  flip('frame length, to 4 GiB', 'message-too-large', ({ frameLength }) => frameLength, 7),
  flip('commitment', 'commitment-mismatch', ({ commitment }) => commitment),
  flip("header's authentication", 'message-header-invalid', ({ tag }) => tag),
];

export const ofTheContext: readonly Attack[] = [
  {
    name: 'bit flip: name of a context field',
    code: 'context-mismatch',
    differs: ['patient', 'qatient'],
    attack: ({ message }) => ({ bytes: flipped(message.bytes, valueOffset(message, 'patient'), 0) }),
  },
  {
    name: 'bit flip: value of a context field',
    code: 'context-mismatch',
    differs: ['purpose'],
    attack: ({ message }) => ({ bytes: flipped(message.bytes, valueOffset(message, 'TREAT')) }),
  },
  {
    name: 'bit flip: a context field of which nothing is expected',
    code: 'message-header-invalid',
    attack: ({ message }) => ({
      bytes: flipped(message.bytes, valueOffset(message, 'TREAT')),
      request: { expected: { document: context.document, patient: context.patient } },
    }),
  },
  {
    name: "another patient's document is returned",
    code: 'context-mismatch',
    differs: ['document', 'patient'],
    attack: ({ other }) => ({ bytes: other.bytes, of: other }),
  },
  {
    name: "the context of one patient's message in another's",
    code: 'message-header-invalid',
    attack: ({ message, other }) => ({
      bytes: Buffer.concat([
        other.bytes.subarray(0, 35),
        message.bytes.subarray(35, offsets(message).keys),
        other.bytes.subarray(offsets(other).keys),
      ]),
      envelope: { headerLength: other.spooled.headerLength + offsets(message).keys - offsets(other).keys },
    }),
  },
  {
    name: 'an older version of the document is replayed',
    code: 'context-mismatch',
    differs: ['created'],
    attack: ({ older }) => ({ bytes: older.bytes, of: older }),
  },
];
