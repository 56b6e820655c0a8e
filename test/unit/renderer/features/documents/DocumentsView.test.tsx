// @vitest-environment jsdom
import { act, cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type DocumentItem,
  intakeErrors,
  openability,
  openErrors,
  type Transfer,
  type TransferFailure,
} from '../../../../../preload/contract/documents.ts';
import { errorWords } from '../../../../../renderer/app/errors.ts';
import { SYNCED } from '../../support/fakeBridge.ts';
import { fakePatients, NOTHING_WITHHELD } from '../../support/fakeData.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(cleanup);

const wound: DocumentItem = {
  id: 'd1',
  title: 'Wound, left heel',
  author: 'Dr Amara Nwosu',
  date: '2026-03-01T09:00:00Z',
  status: 'final',
  kind: 'image',
  size: 4_200_000,
  openability: 'openable',
  unsent: null,
};

const HANDLE = '0c6f7a52-3a8e-4a57-9d0b-1f4f6f0c2b11';
const opened = { handle: HANDLE, kind: 'image', contentType: 'image/jpeg', size: 10 } as const;
const yes = async <Value,>(value: Value) => ({ ok: true as const, value });
const no = async <const Code extends string>(code: Code) => ({ ok: false as const, error: { code } });

const [patient] = fakePatients(1);

function transfer(id: string, more: Partial<Transfer> = {}): Transfer {
  const base = { patientId: patient!.id, documentId: id, title: `File ${id}`, code: null, done: 0, total: 1_000 };
  return { id, state: 'waiting', place: 1, ...base, ...more };
}

type Documents = NonNullable<Parameters<typeof renderApp>[0]>['documents'];

async function openTab(documents: Documents, options: Parameters<typeof renderApp>[0] = {}) {
  const fake = renderApp({ patients: fakePatients(1), ...options, ...(documents && { documents }) });
  fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
  await screen.findByTestId('tab-documents');
  fireEvent.keyDown(document.body, { key: '5' });
  return fake;
}

/** A promise that the test keeps. */
function pending<Value>() {
  let settle: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((resolve) => {
    settle = resolve;
  });
  return { promise, settle };
}

describe('the list', () => {
  it('shows what a document is, and opens what can be opened', async () => {
    await openTab({ items: [wound, { ...wound, id: 'd2', kind: null, size: null, unsent: 'waiting' }] });
    const [first, second] = await screen.findAllByTestId('document-row');
    expect(first?.textContent).toContain('Wound, left heel');
    expect(first?.textContent).toContain('Dr Amara Nwosu · Picture · 4.2 MB');
    expect(within(second!).getByTestId('unsent-badge').textContent).toBe('Not yet sent');
    expect(second?.textContent).not.toContain('null');
  });

  it('says of each document why it can’t be opened, or what it takes', async () => {
    const items = openability.options.map((one) => ({ ...wound, id: one, openability: one }));
    await openTab({ items });
    const rows = await screen.findAllByTestId('document-row');
    const buttons = Object.fromEntries(
      rows.map((row) => [row.dataset['openability'], within(row).queryByTestId('document-open') !== null]),
    );
    expect(buttons).toEqual({
      openable: true,
      ask: true,
      'ask-offline': true,
      'not-downloaded': true,
      'not-set-up': false,
      'not-encrypted': false,
      invalid: false,
    });
    const texts = rows.slice(1).map((row) => row.textContent);
    expect(texts[1]).toContain('Needs the network');
    expect(texts[3]).toContain('has not set up');
    expect(texts[4]).toContain('open it in the EHR');
    expect(new Set(texts).size).toBe(texts.length);
  });

  it.each([
    ['complete', 'None recorded'],
    ['partial', 'None in the part fetched so far'],
    ['not-fetched', 'Not available offline'],
    ['not-permitted', 'Not permitted to view'],
    ['not-kept', 'Not kept on this workstation, by your organisation’s policy'],
  ] as const)('that is empty and %s says "%s"', async (state, words) => {
    await openTab({ more: { state } });
    const view = await screen.findByTestId('documents');
    expect(view.textContent).toContain(words);
    expect(view.textContent?.includes('encrypted before they leave')).toBe(state === 'complete');
  });

  it('that withholds something says so, and nothing of an absence', async () => {
    await openTab({ more: { withheld: { ...NOTHING_WITHHELD, restricted: 'purpose' } } });
    const view = await screen.findByTestId('documents');
    expect(view.textContent).toContain('None that may be shown');
    expect(within(view).getByTestId('open-withheld')).toBeTruthy();
  });

  it('that fails says why, and tries again', async () => {
    let tries = 0;
    await openTab({
      list: () => {
        tries += 1;
        return no('not-permitted');
      },
    });
    const error = await screen.findByTestId('error-state');
    expect(error.dataset['code']).toBe('not-permitted');
    fireEvent.click(within(error).getByRole('button'));
    await waitFor(() => expect(tries).toBe(2));
  });

  it.each([
    ['not-set-up', 'has not set up'],
    ['keys-not-ready', 'not confirmed yet'],
    ['not-permitted', 'may not attach'],
  ] as const)('says why nothing can be attached: %s', async (attachProblem, words) => {
    await openTab({ more: { attachProblem } });
    expect((await screen.findByTestId('attach-problem')).textContent).toContain(words);
    expect(screen.getByTestId('attach-file').hasAttribute('disabled')).toBe(true);
  });
});

describe('photographing and scanning', () => {
  it('says where policy allows no photos, and offers files all the same', async () => {
    await openTab({ more: { mayPhotograph: false, mayScan: false } });
    expect((await screen.findByTestId('attach-problem')).textContent).toContain('does not allow photos');
    expect(screen.getByTestId('take-photo').hasAttribute('disabled')).toBe(true);
    expect(screen.getByTestId('attach-file').hasAttribute('disabled')).toBe(false);
    expect(screen.queryByTestId('scan-page')).toBeNull();
  });

  it('names the patient while a photo is taken, and gives it up when that is closed', async () => {
    const fake = await openTab({});
    fireEvent.click(await screen.findByTestId('take-photo'));
    const dialog = await screen.findByTestId('camera');
    expect(within(dialog).getByTestId('camera-patient').textContent).toMatch(/For the chart of .+ born /);
    const frame = within(dialog).getByTestId('camera-frame');
    expect(frame.getAttribute('src')).toMatch(/^camera:\/\/photo\/camera\/index\.html#[0-9a-f-]{36}$/);
    fireEvent(dialog, new Event('close'));
    await waitFor(() => expect(screen.queryByTestId('camera')).toBeNull());
    expect(fake.writes.map(({ call }) => call)).toContain('documents.endPhoto');
  });

  it('says that no scanner was found, and looks again', async () => {
    let looks = 0;
    await openTab({
      scanners: () => {
        looks += 1;
        return yes({ items: looks === 1 ? [] : [{ id: HANDLE, name: 'Acme 1' }] });
      },
      scan: () => no('scanner-jammed'),
    });
    fireEvent.click(await screen.findByTestId('scan-page'));
    await screen.findByTestId('scan-none');
    fireEvent.click(screen.getByTestId('scan-look'));
    expect((await screen.findByTestId('scan-scanner')).textContent).toBe('Acme 1');
    fireEvent.click(screen.getByTestId('scan-start'));
    expect((await screen.findByTestId('failure')).dataset['code']).toBe('scanner-jammed');
  });
});

describe('attaching', () => {
  const picked = { pickId: HANDLE, name: 'IMG_0042.JPG', size: 3_000_000, kind: 'image' } as const;

  it('asks what the file is, in whose chart it goes, and reads the list anew', async () => {
    let reads = 0;
    const known = { state: 'complete', asOf: null, deletionsUnknown: false, omittedSince: null } as const;
    const listing = { ...known, withheld: NOTHING_WITHHELD } as const;
    const fake = await openTab({
      pick: () => yes({ ...picked }),
      list: () => {
        reads += 1;
        const items = reads > 1 ? [{ ...wound, unsent: 'waiting' as const }] : [];
        return yes({
          ...listing,
          items,
          total: items.length,
          attachProblem: null,
          mayPhotograph: true,
          mayScan: true,
          maySave: false,
          mayOpenWith: false,
        });
      },
    });
    fireEvent.click(await screen.findByTestId('attach-file'));
    const dialog = await screen.findByTestId('attach-dialog');
    expect(dialog.textContent).toContain('IMG_0042.JPG');
    expect(dialog.textContent).toContain(patient!.name.family.toUpperCase());
    fireEvent.change(screen.getByTestId('attach-kind'), { target: { value: 'scan' } });
    fireEvent.change(screen.getByTestId('attach-title'), { target: { value: '  Heel ' } });
    fireEvent.click(screen.getByTestId('attach-confirm'));
    await screen.findByTestId('document-row');
    expect(fake.writes).toContainEqual({
      call: 'documents.attach',
      request: { patientId: patient!.id, pickId: HANDLE, kind: 'scan', title: 'Heel' },
    });
    expect(screen.queryByTestId('attach-dialog')).toBeNull();
  });

  it('gives a file without a title the name of its kind', async () => {
    const fake = await openTab({ pick: () => yes({ ...picked }) });
    fireEvent.click(await screen.findByTestId('attach-file'));
    fireEvent.click(await screen.findByTestId('attach-confirm'));
    await waitFor(() => expect(fake.writes.at(-1)?.request).toMatchObject({ kind: 'photo', title: 'Photo' }));
  });

  it('does nothing where the person closes the operating system’s dialog, and asks once at a time', async () => {
    const answer = pending<{ ok: true; value: null }>();
    let picks = 0;
    await openTab({
      pick: () => {
        picks += 1;
        return answer.promise;
      },
    });
    const button = await screen.findByTestId('attach-file');
    fireEvent.click(button);
    fireEvent.click(button);
    await act(async () => answer.settle({ ok: true, value: null }));
    expect(picks).toBe(1);
    expect(screen.queryByTestId('attach-dialog')).toBeNull();
    expect(screen.queryByTestId('attach-refused')).toBeNull();
  });

  it.each(intakeErrors)('says why a file is not taken: %s', async (code) => {
    await openTab({ pick: () => no(code) });
    fireEvent.click(await screen.findByTestId('attach-file'));
    const refused = await screen.findByTestId('attach-refused');
    expect(refused.textContent).toContain(errorWords(code).title);
    expect(errorWords(code)).not.toEqual(errorWords('internal'));
  });

  it('shows how far the encryption is, stops it, and keeps the form', async () => {
    const answer = pending<{ ok: false; error: { code: 'cancelled' } }>();
    const fake = await openTab({ pick: () => yes({ ...picked }), attach: () => answer.promise });
    fireEvent.click(await screen.findByTestId('attach-file'));
    fireEvent.click(await screen.findByTestId('attach-confirm'));
    act(() => fake.setTransfers([transfer('t1', { state: 'encrypting', done: 500 })]));
    expect(screen.getByTestId('attach-progress').textContent).toBe('Encrypting: 500 bytes of 1.0 KB');
    fireEvent.click(screen.getByTestId('attach-cancel'));
    await waitFor(() => expect(fake.writes).toContainEqual({ call: 'documents.cancel', request: { id: 't1' } }));
    await act(async () => answer.settle({ ok: false, error: { code: 'cancelled' } }));
    expect((await screen.findByTestId('failure')).dataset['code']).toBe('cancelled');
    expect(screen.getByTestId('attach-confirm').getAttribute('aria-busy')).toBeNull();
  });
});

describe('files on their way', () => {
  it('security: are told by title in their own patient’s chart only', async () => {
    await openTab({ queue: [transfer('t1'), transfer('t2', { patientId: 'other', title: 'Somebody else’s' })] });
    const list = await screen.findByTestId('transfers');
    expect(list.textContent).toContain('1 file of other patients as well');
    expect(document.body.textContent).not.toContain('Somebody else’s');
  });

  it('can be paused, resumed, put earlier or later, and given up after asking', async () => {
    const fake = await openTab({
      queue: [
        transfer('a', { state: 'uploading', place: 1, done: 250 }),
        transfer('b', { place: 2 }),
        transfer('c', { place: 4, state: 'paused', done: 500 }),
      ],
    });
    const [a, b, c] = await screen.findAllByTestId('transfer');
    const press = (row: HTMLElement, name: string) => fireEvent.click(within(row).getByTestId(`transfer-${name}`));
    expect(a?.textContent).toContain('Sending: 250 bytes of 1.0 KB');
    expect(within(a!).queryByTestId('transfer-earlier')).toBeNull();
    expect(within(b!).getByTestId('transfer-earlier').hasAttribute('disabled')).toBe(true);
    press(a!, 'pause');
    press(b!, 'later');
    press(c!, 'resume');
    press(c!, 'earlier');
    press(c!, 'give-up');
    expect(fake.writes.some(({ call }) => call === 'documents.cancel')).toBe(false);
    fireEvent.click(screen.getByTestId('give-up-confirm'));
    await waitFor(() => expect(fake.writes.at(-1)?.call).toBe('documents.cancel'));
    expect(fake.writes.filter(({ call }) => call.startsWith('documents.'))).toEqual([
      { call: 'documents.pause', request: { id: 'a' } },
      { call: 'documents.move', request: { id: 'b', place: 4 } },
      { call: 'documents.resume', request: { id: 'c' } },
      { call: 'documents.move', request: { id: 'c', place: 2 } },
      { call: 'documents.cancel', request: { id: 'c' } },
    ]);
  });

  it('say that they wait for the network, and what a person has to see to', async () => {
    await openTab(
      { queue: [transfer('a'), transfer('b', { state: 'failed', code: 'recipients-missing', place: 2 })] },
      { sync: { ...SYNCED, online: false } },
    );
    const [a, b] = await screen.findAllByTestId('transfer');
    await waitFor(() => expect(a?.textContent).toContain('Waits for the network'));
    expect(b?.textContent).toContain('There is nobody to encrypt the file for');
    expect(within(b!).getByTestId('transfer-resume').textContent).toBe('Try again');
  });

  const failures = [
    'spool-missing',
    'spool-damaged',
    'stored-differs',
    'too-large-for-server',
    'server-full',
    'forbidden',
    'rejected',
  ] satisfies TransferFailure[];
  it.each(failures)('say in words why the server does not have them, and the code: %s', async (code) => {
    await openTab({ queue: [transfer('a', { state: 'failed', code })] });
    const row = await screen.findByTestId('transfer');
    expect(row.textContent).toContain(code);
    expect(row.textContent).not.toContain(errorWords('internal').title);
    expect(row.textContent).toMatch(/It stays here, encrypted|Attach the file again/);
  });

  it('can’t be given up while they are entered in the record, and say so where it is too late', async () => {
    const queue = [transfer('a', { state: 'recording' }), transfer('b', { state: 'verifying', place: 2 })];
    await openTab({ queue, cancel: () => no('too-late') });
    const [a, b] = await screen.findAllByTestId('transfer');
    expect(within(a!).queryByTestId('transfer-give-up')).toBeNull();
    fireEvent.click(within(b!).getByTestId('transfer-give-up'));
    fireEvent.click(screen.getByTestId('give-up-confirm'));
    expect((await screen.findByTestId('failure')).dataset['code']).toBe('too-late');
  });
});

describe('opening', () => {
  const openFirst = async () => fireEvent.click(await screen.findByTestId('document-open'));

  it('shows how far it is, and leaving it ends it and leaves nothing open', async () => {
    const answer = pending<{ ok: true; value: typeof opened }>();
    const fake = await openTab({ items: [wound], open: () => answer.promise });
    await openFirst();
    const told = { patientId: patient!.id, documentId: 'd1', done: 500, total: 2_000 };
    act(() => {
      fake.tellOpening({ ...told, documentId: 'another', done: 1 });
      fake.tellOpening(told);
    });
    expect(screen.getByTestId('opening-progress').textContent).toBe('500 bytes of 2.0 KB');
    fireEvent.click(screen.getByTestId('opening-close'));
    await act(async () => answer.settle({ ok: true, value: opened }));
    expect(fake.writes.slice(-2)).toEqual([
      { call: 'documents.cancelOpen', request: { patientId: patient!.id, documentId: 'd1' } },
      { call: 'documents.close', request: { handle: HANDLE } },
    ]);
    expect(screen.queryByTestId('viewer')).toBeNull();
  });

  it.each(openErrors)('says why it failed: %s', async (code) => {
    await openTab({ items: [wound], open: () => no(code) });
    await openFirst();
    expect((await screen.findByTestId('failure')).textContent).toContain(errorWords(code).title);
    expect(errorWords(code)).not.toEqual(errorWords('internal'));
    expect(screen.queryByTestId('viewer-frame')).toBeNull();
  });

  it('security: shows it in a sandboxed frame of another origin, which learns of nothing but the document', async () => {
    await openTab({ items: [wound], open: () => yes(opened) });
    await openFirst();
    const frame = (await screen.findByTestId('viewer-frame')) as HTMLIFrameElement;
    const url = new URL(frame.src);
    expect(`${url.protocol}//${url.host}`).toBe('app://viewer');
    expect(Object.fromEntries(new URLSearchParams(url.hash.slice(1)))).toEqual({
      handle: HANDLE,
      kind: 'image',
      contentType: 'image/jpeg',
    });
    expect(frame.getAttribute('sandbox')).toBe('allow-scripts allow-same-origin');
    expect(screen.queryByTestId('viewer-saveAs')).toBeNull();
    expect(screen.queryByTestId('viewer-openWith')).toBeNull();
  });

  describe('when the viewer’s process fails', () => {
    afterEach(() => void vi.useRealTimers());

    /** Opens a document; answers the end of the channel that its frame gets. */
    async function watched(): Promise<{ port: MessagePort; frame: HTMLIFrameElement }> {
      await openTab({ items: [wound], open: () => yes(opened) });
      await openFirst();
      const frame = (await screen.findByTestId('viewer-frame')) as HTMLIFrameElement;
      const post = vi.spyOn(frame.contentWindow as Window, 'postMessage').mockImplementation(() => undefined);
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
      fireEvent.load(frame);
      const [message, origin, ports] = (post.mock.calls.at(-1) ?? []) as unknown as [string, string, MessagePort[]];
      expect([message, origin]).toEqual(['wardlight-viewer:watch', 'app://viewer']);
      const [port] = ports;
      if (!port) throw new Error('no port');
      return { port, frame };
    }

    const code = () => screen.getByTestId('failure').getAttribute('data-code');

    it('security: says that it has ended, in place of an empty frame', async () => {
      const { port } = await watched();
      port.close();
      vi.useRealTimers();
      await waitFor(() => expect(code()).toBe('viewer-stopped'));
      expect(screen.queryByTestId('viewer-frame')).toBeNull();
      expect(screen.getByTestId('viewer-close')).toBeTruthy();
    });

    it('security: says that it doesn’t answer any more, and takes the frame away', async () => {
      const { frame } = await watched();
      act(() => void vi.advanceTimersByTime(30_000));
      expect(screen.queryByTestId('viewer-frame')).toBe(frame);
      act(() => void vi.advanceTimersByTime(5_000));
      expect(code()).toBe('viewer-silent');
      expect(screen.queryByTestId('viewer-frame')).toBeNull();
    });

    it('lets one be that answers', async () => {
      const { port, frame } = await watched();
      const answered = new Promise<void>((resolve) => {
        port.onmessage = ({ data }) => {
          port.postMessage(data);
          resolve();
        };
      });
      act(() => void vi.advanceTimersByTime(30_000));
      vi.useRealTimers();
      await answered;
      await new Promise((resolve) => setTimeout(resolve));
      expect(screen.queryByTestId('viewer-frame')).toBe(frame);
      expect(screen.queryByTestId('failure')).toBeNull();
    });
  });

  it('security: closes for the frame’s own word only, and forgets what was open', async () => {
    const fake = await openTab({ items: [wound], open: () => yes(opened) });
    await openFirst();
    const frame = (await screen.findByTestId('viewer-frame')) as HTMLIFrameElement;
    const say = (data: unknown, origin: string, source: Window | null) =>
      act(() => void window.dispatchEvent(new MessageEvent('message', { data, origin, source })));
    say('wardlight-viewer:close', 'app://wardlight', frame.contentWindow);
    say('wardlight-viewer:close', 'app://viewer', window);
    say('wardlight-viewer:open', 'app://viewer', frame.contentWindow);
    say({ type: 'wardlight-viewer:close' }, 'app://viewer', frame.contentWindow);
    expect(screen.queryByTestId('viewer-frame')).toBeTruthy();
    say('wardlight-viewer:close', 'app://viewer', frame.contentWindow);
    expect(screen.queryByTestId('viewer-frame')).toBeNull();
    expect(fake.writes.at(-1)).toEqual({ call: 'documents.close', request: { handle: HANDLE } });
  });

  it('lets a copy leave where policy allows it, after saying what that means', async () => {
    const more = { maySave: true, mayOpenWith: true };
    const fake = await openTab({ items: [wound], open: () => yes(opened), more });
    await openFirst();
    fireEvent.click(await screen.findByTestId('viewer-saveAs'));
    expect(screen.getByTestId('confirm-saveAs').textContent).toContain('The copy is not encrypted');
    expect(fake.writes.some(({ call }) => call === 'documents.saveAs')).toBe(false);
    fireEvent.click(screen.getByTestId('confirm-saveAs-confirm'));
    await waitFor(() => expect(fake.writes.at(-1)).toEqual({ call: 'documents.saveAs', request: { handle: HANDLE } }));
    expect(screen.queryByTestId('viewer-openWith')).toBeTruthy();
  });
});
