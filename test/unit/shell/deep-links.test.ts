import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { collectDeepLinks, linksOf } from '../../../main/shell/deep-links.ts';

describe('links of the program’s own scheme', () => {
  it('are found among other arguments, and nothing else is', () => {
    const argv = ['/opt/wardlight', '--user-data-dir=wardlight:x', 'WARDLIGHT://launch?a', 'https://x', 'wardlight:b'];
    expect(linksOf(argv)).toEqual(['WARDLIGHT://launch?a', 'wardlight:b']);
  });

  it('that come before anybody takes them are kept, and then each is given once', () => {
    const app = new EventEmitter();
    const links = collectDeepLinks(app as never, ['x', 'wardlight://launch?1']);
    let prevented = 0;
    app.emit('open-url', { preventDefault: () => (prevented += 1) }, 'wardlight://launch?2');
    const taken: string[] = [];
    links.take((link) => taken.push(link));
    app.emit('second-instance', {}, ['x', 'wardlight://launch?3']);
    app.emit('open-url', { preventDefault: () => (prevented += 1) }, 'wardlight://launch?4');
    expect(taken).toEqual([1, 2, 3, 4].map((n) => `wardlight://launch?${n}`));
    expect(prevented).toBe(2);
  });
});
