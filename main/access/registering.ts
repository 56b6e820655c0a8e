import type { Result } from '../../preload/contract/channel.ts';
import type { NumberError } from '../../preload/contract/charting.ts';
import type { NumberChoice, VisitClass } from '../../preload/contract/clinical.ts';
import type { Entry, Numbered, Numbers } from '../downtime/numbers/numbers.ts';
import type { Writing, Written } from '../writing/resource.ts';
import { type Charting, newError } from './charting.ts';
import { failed, type WriteError, type Writer, type WritesOptions } from './write.ts';

export interface RegisteringOptions extends Pick<WritesOptions, 'cache' | 'composer'> {
  /** Null where policy reserves none. */
  readonly numbers: Pick<Numbers, 'take' | 'enter'> | null;
  /** True while policy lets visits and specimens be registered here. */
  readonly isOpen: () => boolean;
  /** Class of a visit, where nobody chooses one. */
  readonly visitClass: VisitClass;
}

interface Registered {
  readonly patientId: string;
  readonly number: NumberChoice;
  readonly view: string;
  /** The rejected change in whose place it is sent. */
  readonly corrects: string | undefined;
}

type Kind = Parameters<Numbers['take']>[0];

const TYPES = { visit: 'Encounter', specimen: 'Specimen' } as const;
const KINDS = { Encounter: 'visit', Specimen: 'specimen' } as const;

/**
 * Visits and specimens with numbers that were reserved for this workstation. A number is taken once it is decided that
 * the record may be written, and is durable before that is; where the record is not kept after all, nobody gets it again.
 */
export function createRegistering(
  { cache, composer, numbers, isOpen, visitClass }: RegisteringOptions,
  { write }: Writer,
): Pick<Charting, 'startVisit' | 'labelSpecimen' | 'renumber'> {
  /** Whether a record has it, of any patient: of that nothing is told but that the number is used. */
  const isKnownAs = (type: string) => async (numbered: Numbered) => {
    const query = `identifier=${encodeURIComponent(escaped(numbered.system))}|${encodeURIComponent(escaped(numbered.value))}`;
    const found = await cache.read.search({ type, query, sight: null });
    return found.ok && found.value.entries.length > 0;
  };

  async function numberFor(
    kind: Kind,
    choice: Exclude<NumberChoice, { kind: 'kept' }>,
  ): Promise<Result<Numbered | Entry, WriteError | NumberError>> {
    if (!numbers) return failed('numbers-off');
    const isKnown = isKnownAs(TYPES[kind]);
    return choice.kind === 'next' ? numbers.take(kind, isKnown) : numbers.enter(kind, choice.number, isKnown);
  }

  async function register<Code extends string>(
    kind: Kind,
    { patientId, number: choice, view, corrects }: Registered,
    make: (number: Numbered, writing: Writing) => Result<Written, Code>,
  ): Promise<Result<{ id: string; number: string }, WriteError | NumberError | Code | 'not-parked'>> {
    const type = TYPES[kind];
    // What is corrected has its number, and no other.
    if ((choice.kind === 'kept') !== (corrects !== undefined)) return failed('number-wrong');
    if (corrects !== undefined) return correct(type, { patientId, view, corrects }, make);
    if (choice.kind === 'kept') return failed('number-wrong');
    let given: Numbered | Entry | null = null;
    const reason = choice.kind === 'next' ? 'Registered in a downtime' : 'Registered in a downtime, on paper first';
    const recorded = await write<Code | WriteError | NumberError>({
      ...{ action: 'create', type, view, patientId, base: null, reason },
      draft: { patientId, resourceType: type, resourceId: null },
      async make(writing) {
        if (numbers && !isOpen()) return failed('not-in-downtime');
        const found = await numberFor(kind, choice);
        if (!found.ok) return found;
        given = found.value;
        return make({ system: given.system, value: given.value }, writing);
      },
    });
    return settled(given, recorded);
  }

  /** In the place of one that the server has rejected: with its number, whoever has reserved that and until when. */
  async function correct<Code extends string>(
    type: (typeof TYPES)[Kind],
    { patientId, view, corrects }: Pick<Registered, 'patientId' | 'view'> & { corrects: string },
    make: (number: Numbered, writing: Writing) => Result<Written, Code>,
  ): Promise<Result<{ id: string; number: string }, WriteError | Code | 'not-parked'>> {
    const parked = await cache.outbox.parked({ id: corrects });
    const number = parked?.mine ? composer.numberIn(parked.mine) : null;
    if (!parked || !number) return failed('not-parked');
    const recorded = await write<Code>({
      ...{ action: 'create', type, view, patientId, base: null, corrects },
      draft: { patientId, resourceType: type, resourceId: parked.change.resourceId },
      make: (writing) => make(number, writing),
    });
    if (recorded.ok) return { ok: true, value: { id: recorded.value, number: number.value } };
    return recorded.error.code === 'stale' ? failed('not-parked') : { ok: false, error: newError(recorded.error) };
  }

  /** The number goes with the record that was kept; what was typed in from paper may be typed again where none was. */
  async function settled<Code extends string>(
    given: Numbered | Entry | null,
    recorded: Awaited<ReturnType<typeof write<Code>>>,
  ) {
    if (given && 'end' in given) await given.end(recorded.ok);
    if (!recorded.ok) return { ok: false, error: newError(recorded.error) } as const;
    return { ok: true, value: { id: recorded.value, number: given?.value ?? '' } } as const;
  }

  return {
    startVisit: ({ patientId, number, corrects, ...given }) =>
      register('visit', { patientId, number, corrects, view: 'charting.startVisit' }, (one, writing) => ({
        ok: true,
        value: composer.newVisit({ ...given, class: given.class ?? visitClass }, one, writing),
      })),

    labelSpecimen: ({ patientId, number, corrects, ...given }) =>
      register('specimen', { patientId, number, corrects, view: 'charting.labelSpecimen' }, (one, writing) =>
        composer.newSpecimen(given, one, writing),
      ),

    // Also while the server is there: only from it is known that somebody else has the number.
    async renumber({ patientId, id, versionId, type }) {
      let given: Numbered | null = null;
      const changed = await write<WriteError | NumberError | 'not-found' | 'stale' | 'not-changeable'>({
        ...{ action: 'update', type, view: 'charting.renumber', patientId, base: { id, versionId } },
        reason: 'The number belonged to another record',
        async make(writing, resource) {
          const found = await numberFor(KINDS[type], { kind: 'next' });
          if (!found.ok) return found;
          given = { system: found.value.system, value: found.value.value };
          return composer.renumbered({ type, resource, versionId }, given, writing);
        },
      });
      const { value = '' } = (given as Numbered | null) ?? {};
      if (changed.ok) return { ok: true, value: { id: changed.value, number: value } };
      const { error } = changed;
      return error.code === 'not-writable'
        ? failed('not-changeable')
        : { ok: false, error: { ...error, code: error.code } };
    },
  };
}

/** R4 search.html#escaping. */
function escaped(text: string): string {
  return text.replace(/[\\$,|]/g, '\\$&');
}
