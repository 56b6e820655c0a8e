import { type MessageBus, sessionBus } from 'dbus-native';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchDesktop } from '../../main/shell/desktop-signals.ts';
import { openBus, tellScreenSaver } from '../support/desktop-bus.ts';

const LOGIND = 'org.freedesktop.login1';
const OURS = '/org/freedesktop/login1/session/_31';
/** The part of logind that is asked. */
const manager = { GetSession: (id: string) => (id === '1' ? OURS : '/none') };
const NAMES_EXCLUSIVE = 4;

function absent(): MessageBus {
  throw new Error('no bus');
}

/** Waits for a signal without a clock: what is told resolves it. */
function listener() {
  let told: () => void = () => undefined;
  const next = () =>
    new Promise<void>((resolve) => {
      told = resolve;
    });
  const calls: string[] = [];
  return {
    calls,
    next,
    on: (what: string) => () => {
      calls.push(what);
      told();
    },
  };
}

describe.runIf(process.platform === 'linux')('the signals of a Linux desktop', () => {
  let bus: MessageBus;
  beforeEach(async () => {
    bus = await openBus();
  });
  afterEach(() => bus.connection.end());

  it.each(['org.freedesktop.ScreenSaver', 'org.gnome.ScreenSaver', 'org.mate.ScreenSaver'])(
    'tell of the screen lock by %s, and not of its end',
    async (owner) => {
      const { calls, next, on } = listener();
      const watched = await watchDesktop({
        sessionBus: () => sessionBus(),
        systemBus: absent,
        sessionId: undefined,
        onScreenLocked: on('locked'),
        onUserSwitched: on('switched'),
      });
      expect(watched).toEqual({ screenSaver: true, logind: false });
      const told = next();
      await tellScreenSaver(false, owner);
      await tellScreenSaver(true, owner);
      await told;
      expect(calls).toEqual(['locked']);
    },
  );

  it('of logind tell of this login session alone', async () => {
    // A logind of the test's own, on the private bus: a container has no system bus.
    await bus.requestName(LOGIND, NAMES_EXCLUSIVE);
    bus.exportInterface(manager, '/org/freedesktop/login1', {
      name: `${LOGIND}.Manager`,
      methods: { GetSession: ['s', 'o', ['id'], ['path']] },
    });
    const { calls, next, on } = listener();
    const watched = await watchDesktop({
      sessionBus: absent,
      systemBus: () => sessionBus(),
      sessionId: '1',
      onScreenLocked: on('locked'),
      onUserSwitched: on('switched'),
    });
    expect(watched).toEqual({ screenSaver: false, logind: true });
    const changed = (path: string, name: string, value: boolean) =>
      bus.sendSignal(path, 'org.freedesktop.DBus.Properties', 'PropertiesChanged', 'sa{sv}as', [
        `${LOGIND}.Session`,
        [[name, ['b', value]]],
        [],
      ]);
    for (const [send, expected] of [
      [() => bus.sendSignal(OURS, `${LOGIND}.Session`, 'Lock'), 'locked'],
      [() => changed(OURS, 'LockedHint', true), 'locked'],
      [() => changed(OURS, 'Active', false), 'switched'],
    ] as const) {
      calls.length = 0;
      const told = next();
      // Of somebody else's session, and of what is no lock.
      bus.sendSignal('/org/freedesktop/login1/session/_32', `${LOGIND}.Session`, 'Lock');
      changed(OURS, 'LockedHint', false);
      changed(OURS, 'Active', true);
      send();
      await told;
      expect(calls).toEqual([expected]);
    }
  });

  it('are missed without harm where there is no bus, or none behind its address', async () => {
    const nowhere = () => sessionBus({ busAddress: 'unix:path=/nonexistent/bus' });
    const watched = await watchDesktop({
      sessionBus: absent,
      systemBus: nowhere,
      sessionId: undefined,
      onScreenLocked: () => undefined,
      onUserSwitched: () => undefined,
    });
    expect(watched).toEqual({ screenSaver: false, logind: false });
  });
});
