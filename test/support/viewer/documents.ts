import type { DocumentItem, Transfer } from '../../../preload/contract/documents.ts';

const handle = (last: number | string) => `0c6f7a52-3a8e-4a57-9d0b-00000000000${last}`;

/** Documents that can be opened, by their ids; the files of the content's folder are named by their handles. */
export const opens = {
  d1: { handle: handle(1), kind: 'image', contentType: 'image/jpeg', size: 1 },
  d2: { handle: handle(2), kind: 'pdf', contentType: 'application/pdf', size: 1 },
  d3: { handle: handle(3), kind: 'text', contentType: 'text/plain', size: 1 },
  d4: { handle: handle(4), kind: 'dicom', contentType: 'application/dicom', size: 1 },
  d5: { handle: handle(5), kind: 'pdf', contentType: 'application/pdf', size: 1 },
  d6: { handle: handle(6), kind: 'image', contentType: 'image/svg+xml', size: 1 },
  d11: { handle: handle('a'), kind: 'dicom', contentType: 'application/dicom', size: 1 },
  d12: { handle: handle('b'), kind: 'dicom', contentType: 'application/dicom', size: 1 },
  d13: { handle: handle('c'), kind: 'image', contentType: 'image/png', size: 1 },
} as const;

function item(id: string, title: string, kind: DocumentItem['kind'], more: Partial<DocumentItem> = {}): DocumentItem {
  return {
    id,
    title,
    author: 'Dr Amara Nwosu',
    date: '2026-03-01T09:12:00+00:00',
    status: 'final',
    kind,
    size: 4_260_000,
    openability: 'openable',
    unsent: null,
    ...more,
  };
}

export const documents: DocumentItem[] = [
  item('d1', 'Wound, left heel', 'image', { unsent: 'waiting' }),
  item('d2', 'Discharge summary of another hospital', 'pdf', { size: 81_400_000 }),
  item('d3', 'Telephone protocol', 'text', { size: 4_100 }),
  item('d4', 'Chest, PA', 'dicom', { size: 17_000_000 }),
  item('d5', 'Consent for surgery', 'pdf'),
  item('d6', 'Sketch', 'image'),
  item('d7', 'Endoscopy', 'image', { openability: 'ask-offline' }),
  item('d8', 'Letter to the general practitioner', 'pdf', { openability: 'not-downloaded' }),
  item('d9', 'ECG', 'pdf', { openability: 'not-encrypted', author: null }),
  item('d10', 'Scan of an old record', 'pdf', { openability: 'invalid' }),
  item('d11', 'Ultrasound, heart', 'dicom'),
  item('d12', 'CT, head', 'dicom'),
  item('d13', 'Wound, panorama', 'image'),
];

const base = { patientId: 'p1', documentId: 'd1', code: null, total: 4_260_000 };

export const queue: Transfer[] = [
  { ...base, id: handle(7), title: 'Wound, left heel', state: 'uploading', done: 2_600_000, place: 1 },
  { ...base, id: handle(8), title: 'Consent for surgery', state: 'waiting', done: 0, place: 2 },
  { ...base, id: handle(9), title: 'Old records', state: 'failed', code: 'disk-full', done: 0, place: 3 },
  { ...base, id: handle(0), patientId: 'p0', title: 'Of somebody else', state: 'waiting', done: 0, place: 4 },
];
