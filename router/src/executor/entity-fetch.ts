import type { FetchNode, ResponsePath } from '@apollo/query-planner';
import { isInterfaceType } from 'graphql';
import type { LoadedGraph } from '../gateway/loaded-graph.ts';
import { broken, isObject, type SubgraphAnswer, type SubgraphError, toClientError } from './answer.ts';
import { type Ask, compileAsk, gapOf } from './ask.ts';
import type { JoinedOperation } from './join.ts';
import { merge } from './merge.ts';
import { compileRepresent, type Represent } from './representations.ts';
import { prepareBody, type RequestBody } from './request-body.ts';
import { responseKeysOf } from './response-keys.ts';
import { rewritePath, rewritesOf } from './rewrites.ts';
import type { Entity, Path, Run, Step } from './run.ts';
import { pathsOf, targetsAt } from './targets.ts';

/** A fetch of entities, and where in the answer they stand. */
export interface EntityFetch {
  readonly node: FetchNode;
  readonly path: ResponsePath;
}

/** One `_entities` field of a request. */
interface Part extends EntityFetch {
  /** Its response key, and the variable of its representations. */
  readonly key: string;
  readonly variable: string;
  readonly represent: Represent;
  readonly rewrite: (value: unknown) => void;
  readonly isInterface: (typeName: unknown) => boolean;
}

interface Request {
  readonly parts: readonly Part[];
  readonly ask: Ask;
  readonly body: RequestBody;
}

/** What a part asks for in one run: each representation once, with all the objects that it stands for. */
interface Asked {
  readonly part: Part;
  readonly representations: readonly string[];
  readonly members: readonly (readonly Entity[])[];
}

/**
 * Fields of entities: of one place in the answer, or of several about which one subgraph is asked at the same time.
 *
 * @param joined the fetches as one operation; null for a fetch alone
 */
export function compileEntityFetch(
  graph: LoadedGraph,
  fetches: readonly EntityFetch[],
  joined: JoinedOperation | null,
): Step {
  const alone = fetches.map((fetch) => compileAlone(graph, fetch));
  const together = joined === null ? null : compileJoined(graph, fetches, joined);
  return async (run) => {
    const asked = (together?.parts ?? alone.flatMap(({ parts }) => parts)).map((part) => collect(run, part));
    const filled = asked.filter(({ representations }) => representations.length > 0);
    if (together !== null && filled.length > 1) return exchange(run, together, asked);
    const only = filled[0] === undefined ? undefined : alone[asked.indexOf(filled[0])];
    if (only !== undefined) return exchange(run, only, [{ ...(filled[0] as Asked), part: only.parts[0] as Part }]);
  };
}

function compileAlone(graph: LoadedGraph, fetch: EntityFetch): Request {
  const { serviceName, operation, operationName, variableUsages } = fetch.node;
  return {
    parts: [compilePart(graph, fetch, '_entities', 'representations')],
    ask: compileAsk(graph, serviceName, fetch.node),
    body: prepareBody(operation, operationName, variableUsages),
  };
}

function compileJoined(graph: LoadedGraph, fetches: readonly EntityFetch[], joined: JoinedOperation): Request {
  const { request, variableUsages, names } = joined;
  const [{ node }] = fetches as readonly [EntityFetch];
  return {
    parts: fetches.map((fetch, at) => {
      const { key, variable } = names[at] as JoinedOperation['names'][number];
      return compilePart(graph, fetch, key, variable);
    }),
    ask: compileAsk(graph, node.serviceName, request),
    body: prepareBody(request.operation, request.operationName, variableUsages),
  };
}

function compilePart(graph: LoadedGraph, { node, path }: EntityFetch, key: string, variable: string): Part {
  return {
    node,
    path,
    key,
    variable,
    represent: compileRepresent(graph.schema, node.requires ?? [], node.inputRewrites),
    rewrite: rewritesOf(graph.schema, node.outputRewrites),
    isInterface: (typeName) => typeof typeName === 'string' && isInterfaceType(graph.schema.getType(typeName)),
  };
}

function collect(run: Run, part: Part): Asked {
  const representations: string[] = [];
  const members: Entity[][] = [];
  const seen = new Map<string, Entity[]>();
  for (const target of targetsAt(run.data, part.path)) {
    const representation = part.represent(target);
    if (representation === null) {
      run.passGapOn(target, () => responseKeysOf(part.node.operation));
      continue;
    }
    const same = seen.get(representation);
    if (same !== undefined) {
      same.push(target);
      continue;
    }
    const first = [target];
    seen.set(representation, first);
    representations.push(representation);
    members.push(first);
  }
  return { part, representations, members };
}

async function exchange(run: Run, { ask, body }: Request, asked: readonly Asked[]): Promise<void> {
  const texts = asked.map(({ part, representations }) => [part.variable, `[${representations.join()}]`] as const);
  const lacking = () => asked.flatMap(({ members }) => members.flat());
  const answer = await ask(run, body.with(run, texts), lacking, (received) => checkEntities(received, asked));
  if (answer === null) return;
  for (const one of asked) {
    if (answer.data !== null) mergeEntities(one, answer.data[one.part.key] as unknown[]);
    if (answer.errors.length > 0) noteErrors(run, one, answer);
  }
  for (const [index, error] of answer.errors.entries()) {
    // Without data, the first is what every missing field is reported with.
    const isSaid = (answer.data === null && index === 0) || asked.some((one) => isOfEntity(error, one));
    if (!isSaid) run.addError(toClientError(error, null));
  }
}

function checkEntities({ data }: SubgraphAnswer, asked: readonly Asked[]): void {
  if (data === null) return;
  for (const { part, representations } of asked) {
    const entities = data[part.key];
    const count = Array.isArray(entities) ? entities.length : 0;
    if (count !== representations.length)
      throw broken(`asked about ${representations.length} entities, it answered about ${count}`);
    for (const entity of entities as unknown[])
      if (entity !== null && !isObject(entity)) throw broken('one of its entities is no object');
  }
}

function mergeEntities({ part, members }: Asked, entities: readonly unknown[]): void {
  for (const [index, entity] of entities.entries()) {
    if (!isObject(entity)) continue;
    part.rewrite(entity);
    // Where the subgraph has the interface as an @interfaceObject, what the object is was known better before.
    if (part.isInterface(entity.__typename)) delete entity.__typename;
    for (const target of members[index] ?? []) merge(target, entity);
  }
}

function isOfEntity({ path }: SubgraphError, { part, members }: Asked): boolean {
  const [key, index] = path ?? [];
  return key === part.key && typeof index === 'number' && members[index] !== undefined;
}

/** Errors of an entity go to wherever it stands in the answer. */
function noteErrors(run: Run, asked: Asked, { data, errors }: SubgraphAnswer): void {
  const { part, members } = asked;
  let places: Map<object, Path[]> | null = null;
  for (const error of errors) {
    if (!isOfEntity(error, asked)) continue;
    const [, index, ...rest] = error.path as [string, number, ...Path];
    places ??= pathsOf(run.data, part.path);
    const inEntity = rewritePath(part.node.outputRewrites, rest);
    for (const target of members[index] ?? []) {
      for (const place of places.get(target) ?? []) run.addError(toClientError(error, [...place, ...inEntity]));
    }
  }
  if (data === null) run.addGap(members.flat(), gapOf(part.node, errors));
}
