import type { GraphQLFormattedError } from 'graphql';
import { completeAt, type IntrospectionField, type Place } from './complete.ts';
import type { Block, DeferredPlan } from './plan.ts';
import { type Entity, type Path, Run, Signals } from './run.ts';
import type { FieldsShape, ValueShape } from './shape.ts';

/** A part of an answer that comes after the first. */
export interface Increment {
  readonly path: Path;
  /** The client's. */
  readonly label: string | null;
  readonly data: Entity | null;
  readonly errors: readonly GraphQLFormattedError[];
}

export interface DeferredAnswer {
  readonly data: Entity | null;
  readonly errors: readonly GraphQLFormattedError[];
  /** What comes later, as it comes: those of one fragment together. */
  readonly increments: AsyncIterable<readonly Increment[]>;
}

export interface Deferral {
  readonly plan: DeferredPlan;
  readonly shape: FieldsShape;
  readonly labels: ReadonlyMap<string, string | null>;
  readonly introspect: (run: Run) => (field: IntrospectionField) => unknown;
  readonly toClientPath: (path: Path) => Path;
}

/** A block under way: its own answer's errors, once it is done. */
interface Started {
  readonly block: Block;
  readonly done: Promise<Run>;
  readonly inner: readonly Started[];
}

/** Executes a plan of which parts come later: what they need is fetched as soon as it can be, and told once what they belong to was told. */
export async function executeDeferred(
  deferral: Deferral,
  variables: Readonly<Record<string, unknown>>,
  context: Run['context'],
): Promise<DeferredAnswer> {
  const signals = new Signals();
  const run = new Run(variables, context, signals);
  const started = start(deferral.plan.blocks, run, signals);
  await deferral.plan.step?.(run);
  giveAll(deferral.plan.blocks, signals);
  const place = { shape: deferral.shape, object: run.data, path: [] };
  const { data, errors } = completeAt(run, place, deferral.introspect(run), deferral.toClientPath);
  return { data, errors, increments: tell(deferral, run, started, partsOf([[place, data]])) };
}

function start(blocks: readonly Block[], run: Run, signals: Signals): Started[] {
  return blocks.map((block) => {
    const part = run.fork();
    const inner = start(block.blocks, part, signals);
    const fetched = async () => {
      await signals.wait(block.depends);
      await block.step?.(part);
      giveAll(block.blocks, signals);
      return part;
    };
    return { block, done: fetched(), inner };
  });
}

/** What a block waits for is over, also a fetch that nobody needed. */
function giveAll(blocks: readonly Block[], signals: Signals): void {
  for (const { depends } of blocks) for (const id of depends) signals.give(id);
}

async function* tell(
  deferral: Deferral,
  run: Run,
  started: readonly Started[],
  parts: ReadonlyMap<string, readonly Place[]>,
): AsyncGenerator<readonly Increment[]> {
  const waiting = new Map<symbol, Promise<{ readonly id: symbol; readonly told: readonly Increment[] }>>();
  const wait = (blocks: readonly Started[], from: Run, places: ReadonlyMap<string, readonly Place[]>): void => {
    const planned = new Set(blocks.map(({ block }) => block.label));
    // What the planner found no reason to defer is there already.
    const ready = [...places.keys()]
      .filter((label) => !planned.has(label))
      .map((label) => ({ label, done: Promise.resolve(from.fork()), inner: [] }));
    for (const { label, done, inner } of [...ready, ...blocks.map((one) => ({ ...one, label: one.block.label }))]) {
      const id = Symbol(label);
      const told = done.then((part) => {
        const here = places.get(label) ?? [];
        const increments = here.map((place) => incrementOf(deferral, part, label, place));
        wait(inner, part, partsOf(increments.map(({ data }, at) => [here[at] as Place, data])));
        return { id, told: increments };
      });
      waiting.set(id, told);
    }
  };
  wait(started, run, parts);
  while (waiting.size > 0) {
    const { id, told } = await Promise.race(waiting.values());
    waiting.delete(id);
    if (told.length > 0) yield told;
  }
}

function incrementOf(
  { labels, introspect, toClientPath }: Deferral,
  part: Run,
  label: string,
  place: Place,
): Increment {
  const own = part.fork();
  own.errors = part.errors.filter(({ path }) => path === undefined || isWithin(place.path, toClientPath(path)));
  const { data, errors } = completeAt(own, place, introspect(own), toClientPath);
  return { path: place.path, label: labels.get(label) ?? null, data, errors };
}

function isWithin(place: Path, path: Path): boolean {
  return place.every((step, index) => path[index] === step);
}

/** Where in told objects deferred fragments stand, by their labels: only where the client got an object. */
function partsOf(told: readonly (readonly [place: Place, shown: unknown])[]): Map<string, Place[]> {
  const parts = new Map<string, Place[]>();
  const inObject = (fields: FieldsShape, raw: Entity, shown: unknown, at: Path): void => {
    if (typeof shown !== 'object' || shown === null) return;
    for (const { label, fields: later } of fields.deferred) {
      const place = { shape: later, object: raw, path: at };
      const places = parts.get(label);
      if (places === undefined) parts.set(label, [place]);
      else places.push(place);
    }
    for (const field of fields.fields) {
      if (field.kind !== 'value') continue;
      inValue(field.value, raw[field.fetchedAs], (shown as Entity)[field.key], [...at, field.key]);
    }
  };
  const inValue = (value: ValueShape, raw: unknown, shown: unknown, at: Path): void => {
    if (typeof raw !== 'object' || raw === null || shown === null) return;
    if (value.kind === 'list' && Array.isArray(raw) && Array.isArray(shown)) {
      for (const [index, one] of raw.entries()) inValue(value.of, one, shown[index], [...at, index]);
    } else if (value.kind === 'object') {
      const fields = value.of((raw as Entity).__typename);
      if (fields !== null) inObject(fields, raw as Entity, shown, at);
    }
  };
  for (const [{ shape, object, path }, shown] of told) inObject(shape, object, shown, path);
  return parts;
}
