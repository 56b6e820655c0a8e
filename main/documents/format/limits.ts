/* What a message may be made of (AWS Encryption SDK, message format version 2), and how large its parts may be. */

/** AES-256-GCM, HKDF-SHA512, key commitment. */
export const SUITE = 0x0478;
/** The same, and signed with an ECDSA P-384 key that is made for the one message. */
export const SUITE_SIGNED = 0x0578;

/** Plaintext in one frame of the messages that we write. */
export const FRAME_LENGTH = 65_536;
/** Around a frame's content: sequence number, initialisation vector; authentication tag. */
export const FRAME_OVERHEAD = 4 + 12 + 16;
/** Largest frame that is read: it is held in memory whole. */
export const FRAME_LENGTH_MAX = 1024 * 1024;

/** Whoever sends a message decides how long its header says it is. */
export const HEADER_LENGTH_MAX = 1024 * 1024;
/** Recipients of one message: a care team's devices. The format has room for 65,535. */
export const KEYS_MAX = 256;

export const DATA_KEY_LENGTH = 32;
/** Key provider by which messages name the RSA keys that we wrap for. */
export const PROVIDER = 'wardlight';
/** The same for P-384 keys (ecdh.ts). */
export const PROVIDER_ECDH = 'wardlight-ecdh-p384';
export const PROVIDER_KMS = 'aws-kms';
