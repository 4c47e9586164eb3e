import type { SubgraphAnswer } from './subgraph.ts';

/** What goes wrong at one field of one thing in one subgraph. */
export const FIELD_FAULTS = [
  'error',
  'null',
  'missing',
  'number',
  'text',
  'boolean',
  'empty list',
  'object',
  'short list',
  'null inside',
] as const;
/** What goes wrong with a subgraph's every answer. */
export const ANSWER_FAULTS = [
  'down',
  'no data',
  'null data',
  'fewer entities',
  'more entities',
  'no entities',
  'error beside data',
  'error without a path',
  'error with a strange path',
  'error without a message',
  'not an object',
  'broken JSON',
] as const;

export type FieldFault = (typeof FIELD_FAULTS)[number];
export type AnswerFault = (typeof ANSWER_FAULTS)[number];

/** A field of a thing in a subgraph that some fetch has reached. */
export interface Place {
  readonly subgraph: string;
  readonly key: string;
  readonly field: string;
}

export type Fault =
  | { readonly at: Place; readonly kind: FieldFault }
  | { readonly subgraph: string; readonly kind: AnswerFault }
  | { readonly kind: 'unknown keys' };

/**
 * Where a fault stands is said by subgraph, thing and field, never by request: executors that ask in other ways, for fewer
 * things at a time or for none twice, meet the same world.
 */
export interface Faults {
  at(subgraph: string, key: string, field: string): FieldFault | undefined;
  instead(fault: FieldFault, value: unknown): unknown;
  spoilObject(subgraph: string, key: string, fields: Record<string, unknown>): unknown;
  spoilEntities(subgraph: string, entities: unknown): unknown;
  spoilAnswer(subgraph: string, answer: SubgraphAnswer): SubgraphAnswer;
  /** What was reached, in the order in which it was. */
  readonly reached: readonly Place[];
}

/** Thrown for an answer that is no JSON text, or that never comes. */
export class Unanswered extends Error {
  readonly kind: AnswerFault;

  constructor(kind: AnswerFault) {
    super(kind);
    this.kind = kind;
  }
}

export function createFaults(faults: readonly Fault[]): Faults {
  const reached = new Map<string, Place>();
  const byPlace = new Map(faults.flatMap((fault) => ('at' in fault ? [[placeId(fault.at), fault.kind] as const] : [])));
  const bySubgraph = new Map(
    faults.flatMap((fault) => ('subgraph' in fault ? [[fault.subgraph, fault.kind] as const] : [])),
  );
  const hasUnknownKeys = faults.some(({ kind }) => kind === 'unknown keys');
  return {
    at(subgraph, key, field) {
      const place = { subgraph, key, field };
      const id = placeId(place);
      if (!reached.has(id)) reached.set(id, place);
      return byPlace.get(id);
    },
    instead: (fault, value) => (fault === 'error' || fault === 'missing' ? value : INSTEAD[fault](value)),
    spoilObject: (_subgraph, _key, fields) =>
      hasUnknownKeys ? Object.assign(Object.create(null), { unasked: 1, neither: { a: [null] } }, fields) : fields,
    spoilEntities(subgraph, entities) {
      const spoil = SPOIL_ENTITIES.get(bySubgraph.get(subgraph));
      return spoil === undefined || !Array.isArray(entities) ? entities : spoil(entities);
    },
    spoilAnswer(subgraph, answer) {
      const spoil = SPOIL.get(bySubgraph.get(subgraph));
      return spoil === undefined ? answer : spoil(answer);
    },
    get reached() {
      return [...reached.values()];
    },
  };
}

const placeId = ({ subgraph, key, field }: Place) => `${subgraph} ${key} ${field}`;

const INSTEAD: Readonly<Record<Exclude<FieldFault, 'error' | 'missing'>, (value: unknown) => unknown>> = {
  null: () => null,
  number: () => 1.5,
  text: () => 'not what was asked',
  boolean: () => false,
  'empty list': () => [],
  object: () => ({ unasked: true }),
  'short list': (value) => (Array.isArray(value) ? value.slice(1) : null),
  'null inside': (value) => (Array.isArray(value) ? [null, ...value.slice(1)] : null),
};

type SpoilEntities = (entities: unknown[]) => unknown;

const SPOIL_ENTITIES: ReadonlyMap<AnswerFault | undefined, SpoilEntities> = new Map<AnswerFault, SpoilEntities>([
  ['fewer entities', (entities) => entities.slice(1)],
  ['more entities', (entities) => [...entities, null]],
  ['no entities', () => null],
]);

type Spoil = (answer: SubgraphAnswer) => SubgraphAnswer;

const SPOIL: ReadonlyMap<AnswerFault | undefined, Spoil> = new Map<AnswerFault, Spoil>([
  ['down', () => unanswered('down')],
  ['broken JSON', () => unanswered('broken JSON')],
  ['not an object', () => [] as SubgraphAnswer],
  ['no data', () => ({ errors: [{ message: 'No data today' }] })],
  ['null data', () => ({ data: null, errors: [{ message: 'Null data today', extensions: { code: 'NULL_DATA' } }] })],
  ['error beside data', (answer) => beside(answer, { message: 'Beside', path: firstPath(answer) })],
  ['error without a path', (answer) => beside(answer, { message: 'Without a path' })],
  [
    'error with a strange path',
    (answer) => beside(answer, { message: 'Strange', path: ['_entities', 99, 'nowhere', -1] }),
  ],
  ['error without a message', (answer) => beside(answer, {} as { message: string })],
]);

function unanswered(kind: AnswerFault): never {
  throw new Unanswered(kind);
}

function beside(answer: SubgraphAnswer, error: NonNullable<SubgraphAnswer['errors']>[number]): SubgraphAnswer {
  return { ...answer, errors: [...(answer.errors ?? []), error] };
}

function firstPath({ data }: SubgraphAnswer): (string | number)[] {
  const [name] = Object.keys((data ?? {}) as object);
  return name === undefined ? [] : [name];
}
