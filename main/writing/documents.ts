import { LosslessNumber } from 'lossless-json';
import type { DocumentKind } from '../../preload/contract/documents.ts';
import type { EncryptionContext, FileKind, Spooled } from '../documents/types.ts';
import { ENCRYPTED, envelopeExtension } from './envelope.ts';
import { instantOf, LOINC, printResource, short, type Writing, type Written } from './resource.ts';

/** LOINC document codes of the kinds of file, with their display. */
const KINDS: Readonly<Record<DocumentKind, readonly [code: string, display: string]>> = {
  photo: ['72170-4', 'Photographic image'],
  scan: ['11503-0', 'Medical records'],
  report: ['47045-0', 'Study report'],
  letter: ['51852-2', 'Letter'],
  consent: ['59284-0', 'Consent Document'],
  imaging: ['18748-4', 'Diagnostic imaging study'],
};

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

export interface NewDocument {
  readonly kind: DocumentKind;
  /** The clinician's own words: legible to the server, as the rest of the chart is. */
  readonly title: string;
  readonly file: FileKind;
  readonly spooled: Spooled;
  readonly context: EncryptionContext;
}

/**
 * The record of an encrypted file (R4 documentreference.html). Where the file is stored is written into it later; its
 * name and its exact type are nowhere in it.
 */
export function newDocument({ kind, title, file, spooled, context }: NewDocument, writing: Writing): Written {
  const { patientId, practitioner, display, encounter, id } = writing;
  const [code, words] = KINDS[kind];
  const date = instantOf(writing);
  const { size, sha256, sha1, header, headerLength } = spooled;
  const attachment = {
    contentType: ENCRYPTED,
    ...sized(size),
    hash: sha1,
    creation: date,
    extension: [envelopeExtension({ size, sha256, header, headerLength, kind: file, context })],
  };
  const resource = {
    resourceType: 'DocumentReference',
    id,
    status: 'current',
    docStatus: 'final',
    type: { coding: [{ system: LOINC, code, display: words }], text: words },
    subject: { reference: `Patient/${patientId}` },
    date,
    author: [{ reference: practitioner, display }],
    description: title,
    securityLabel: [
      { coding: [{ system: CONFIDENTIALITY, code: 'N', display: 'normal' }] },
      { coding: [{ system: ACT_CODE, code: 'ENCRYPT', display: 'encrypt' }] },
    ],
    content: [{ attachment }],
    ...(encounter !== null && { context: { encounter: [{ reference: encounter }] } }),
  };
  return { body: printResource(resource), title: short(title) };
}

/** Largest number of R4 (datatypes.html#unsignedInt). A larger file's length is in the envelope alone. */
const UNSIGNED_MAX = 2_147_483_647;

function sized(size: number) {
  return size <= UNSIGNED_MAX ? { size: new LosslessNumber(String(size)) } : {};
}
