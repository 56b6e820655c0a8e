import type { RuleName } from '../../main/audit/alarms/rule.ts';
import { random as createRandom, type Random } from '../sim/random.ts';
import type { Ward } from './habits.ts';
import type { Clinician, Kind, Patient } from './hospital.ts';

/** A planted abuse: who does it, on which day, and what it is. */
interface Scene extends Ward {
  readonly who: Clinician;
  readonly day: number;
  readonly name: string;
}

interface Abuse {
  readonly name: string;
  /** A rule that ought to tell of it. */
  readonly rule: RuleName;
  readonly kinds: readonly Kind[];
  readonly play: (scene: Scene) => void;
}

const everybody: readonly Kind[] = ['nurse', 'physician', 'consultant', 'therapist', 'clerk'];
const spread = (random: Random, least: number, most: number) => least + random.below(most - least + 1);

/** Patients of all wards on that day. */
function wholeHouse({ hospital, day }: Scene): Patient[] {
  return Array.from({ length: hospital.wards }, (_, ward) => hospital.inpatients(ward, day)).flat();
}

/** Somebody of another ward, made into whom the scene needs. */
function someone(scene: Scene, change: Partial<Patient>): Patient {
  return { ...scene.random.pick(wholeHouse(scene)), labels: [], staff: null, family: 'nobody', ...change };
}

function open(
  scene: Scene,
  patient: Patient,
  how: { relation?: 'panel' | 'none'; action?: 'denied' | 'emergency' } = {},
) {
  const { log, random, who, day, name } = scene;
  const hour = 10 + random.next() * 5;
  for (let look = 0; look < 2; look += 1) {
    log.read(who, patient, { day, hour: hour + look * 0.05 }, { relation: 'panel', ...how, abuse: name });
  }
}

/** Charts one after another, from an hour on. */
function series(scene: Scene, hour: number, hours: number, count: number, how: object = {}): void {
  const { log, random, who, day, name } = scene;
  const house = wholeHouse(scene);
  for (let index = 0; index < count; index += 1) {
    const when = { day, hour: hour + (hours * index) / count };
    log.read(who, random.pick(house), when, { relation: 'panel', abuse: name, ...how });
  }
}

const abuses: readonly Abuse[] = [
  {
    name: 'browses charts of the whole house',
    rule: 'many-charts',
    kinds: ['nurse', 'therapist', 'clerk', 'physician'],
    play: (scene) =>
      series(
        scene,
        9.5,
        0.9,
        scene.who.kind === 'physician' ? spread(scene.random, 80, 140) : spread(scene.random, 50, 100),
      ),
  },
  {
    name: 'tries patients who are not hers',
    rule: 'outside-panel',
    kinds: everybody,
    play: (scene) => series(scene, 12, 3, spread(scene.random, 6, 12), { relation: 'none', action: 'denied' }),
  },
  {
    name: 'looks a relative up',
    rule: 'same-family-name',
    kinds: everybody,
    play: (scene) => open(scene, someone(scene, { id: 'relative', family: scene.who.family })),
  },
  {
    name: 'looks her own record up',
    rule: 'own-record',
    kinds: everybody,
    play: (scene) => open(scene, someone(scene, { id: 'herself', staff: scene.who.id, family: scene.who.family })),
  },
  {
    name: 'looks a colleague up',
    rule: 'colleague',
    kinds: everybody,
    play: (scene) => open(scene, someone(scene, { id: 'colleague', staff: 'Practitioner/another' })),
  },
  {
    name: 'looks a public figure up',
    rule: 'confidential',
    kinds: everybody,
    play: (scene) => open(scene, someone(scene, { id: 'figure', labels: ['V', 'CEL'] })),
  },
  {
    name: 'guesses a passphrase',
    rule: 'failed-unlocks',
    kinds: everybody,
    play({ log, random, who, day, name }) {
      const tries = spread(random, 6, 9);
      for (let index = 0; index < tries; index += 1) {
        log.other(who, { day, hour: 5 + index * 0.02 }, { action: 'unlock-failed' }, { abuse: name });
      }
    },
  },
  {
    name: 'comes at night',
    rule: 'unusual-hours',
    kinds: ['clerk', 'therapist'],
    play: (scene) => series(scene, spread(scene.random, 1, 3), 0.5, spread(scene.random, 4, 9)),
  },
  {
    name: 'declares an emergency that is none',
    rule: 'emergency-access',
    kinds: ['nurse', 'physician'],
    play: (scene) => open(scene, someone(scene, { id: 'emergency' }), { relation: 'none', action: 'emergency' }),
  },
  {
    name: 'prints and copies before she leaves',
    rule: 'bulk-output',
    kinds: everybody,
    play({ log, random, who, day, name }) {
      const count = spread(random, 40, 90);
      for (let index = 0; index < count; index += 1) {
        const action = random.pick(['print', 'copy', 'export'] as const);
        log.other(who, { day, hour: 13 + (0.9 * index) / count }, { action }, { abuse: name });
      }
    },
  },
  {
    name: 'looks somebody up who went home long ago',
    rule: 'after-discharge',
    kinds: ['nurse', 'therapist'],
    play: (scene) =>
      open(scene, { ...someone(scene, { id: 'former' }), until: scene.day - spread(scene.random, 60, 300) }),
  },
  {
    name: 'sets the clock back',
    rule: 'clock-tampering',
    kinds: everybody,
    play({ log, random, who, day, name }) {
      const details = { milliseconds: String(-spread(random, 6, 72) * 60 * 60_000) };
      log.other(null, { day, hour: 18 }, { action: 'clock-jump', details }, { device: who.devices[0], abuse: name });
    },
  },
  {
    name: 'replaces the policies',
    rule: 'policy-tampering',
    kinds: everybody,
    play: ({ log, who, day, name }) => log.other(who, { day, hour: 7 }, { action: 'policy-alarm' }, { abuse: name }),
  },
  {
    name: 'works at a workstation where nobody knows her',
    rule: 'unusual-workstation',
    kinds: everybody,
    play: (scene) =>
      series(scene, 11, 2, spread(scene.random, 7, 15), {
        device: `ward-${(scene.who.ward + Math.ceil(scene.hospital.wards / 2)) % scene.hospital.wards}-pc-0`,
      }),
  },
  {
    name: 'changes the record of access',
    rule: 'log-finding',
    kinds: everybody,
    play: ({ log, who, day, name }) =>
      log.other(null, { day, hour: 6 }, { action: 'log-finding' }, { device: who.devices[0], abuse: name }),
  },
];

export interface Planted {
  readonly name: string;
  readonly rule: RuleName;
  readonly who: string;
}

const PLANTED = 10;

/** Plants ten of them, by ten clinicians, on days of the week. */
export function plant(seed: number, ward: Ward, week: { readonly from: number; readonly days: number }): Planted[] {
  const random = createRandom(seed, 'abuses');
  const left = [...abuses];
  const free = ward.hospital.clinicians.filter(({ since }) => since < 0);
  return Array.from({ length: PLANTED }, () => {
    const [abuse] = left.splice(random.below(left.length), 1) as [Abuse];
    const able = free.filter(({ kind }) => abuse.kinds.includes(kind));
    const who = random.pick(able);
    free.splice(free.indexOf(who), 1);
    abuse.play({ ...ward, random, who, day: week.from + random.below(week.days), name: abuse.name });
    return { name: abuse.name, rule: abuse.rule, who: who.id };
  });
}
