import { describe, expect, it } from 'vitest';
import { createCover } from '../../../main/shell/cover.ts';
import { CLEARED_URL, PAGE_URL } from '../../../main/shell/protocol.ts';

/** A window whose loads end when the test says so. */
function slowWindow() {
  const loads: string[] = [];
  let finish: () => void = () => undefined;
  const window = {
    isVisible: () => true,
    hide: () => undefined,
    showInactive: () => undefined,
    webContents: {
      loadURL(url: string) {
        loads.push(url);
        return new Promise<void>((resolve) => {
          finish = resolve;
        });
      },
    },
  };
  const settle = async () => {
    finish();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { window, loads, settle };
}

describe('the cover', () => {
  it('loads the page anew by way of an empty one', async () => {
    const { window, loads, settle } = slowWindow();
    createCover(() => window).reload();
    expect(loads).toEqual([CLEARED_URL]);
    await settle();
    expect(loads).toEqual([CLEARED_URL, PAGE_URL]);
  });

  it('security: begins no load while another one is under way, and loads once more for all that asked meanwhile', async () => {
    const { window, loads, settle } = slowWindow();
    const cover = createCover(() => window);
    cover.reload();
    cover.reload();
    await settle();
    cover.reload();
    expect(loads).toEqual([CLEARED_URL, PAGE_URL]);
    await settle();
    expect(loads).toEqual([CLEARED_URL, PAGE_URL, CLEARED_URL]);
    await settle();
    await settle();
    expect(loads).toEqual([CLEARED_URL, PAGE_URL, CLEARED_URL, PAGE_URL]);
  });

  it('shows a window that is to be revealed only when the last of them is there', async () => {
    const { window, settle } = slowWindow();
    const shown: string[] = [];
    const shows = { ...window, showInactive: () => shown.push('shown') };
    const cover = createCover(() => shows);
    cover.hide();
    cover.reload();
    cover.reload();
    void cover.reveal();
    for (let loads = 0; loads < 3; loads += 1) await settle();
    expect(shown).toEqual([]);
    await settle();
    expect(shown).toEqual(['shown']);
  });
});
