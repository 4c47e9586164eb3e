import type { FetchNode, PlanNode, ResponsePath } from '@apollo/query-planner';
import type { LoadedGraph } from '../gateway/loaded-graph.ts';
import type { Conditions } from './conditions.ts';
import { compileEntityFetch, type EntityFetch } from './entity-fetch.ts';
import { joinFetches } from './join.ts';
import { compileRootFetch } from './root-fetch.ts';
import type { Step } from './run.ts';

/** Null: nobody has to be asked. */
export function compilePlan(graph: LoadedGraph, node: PlanNode, conditions: Conditions): Step | null {
  const settled = settle(node, [], conditions);
  return settled === null ? null : compileSettled(graph, settled);
}

/** A plan of which parts come later. */
export interface DeferredPlan {
  readonly step: Step | null;
  readonly blocks: readonly Block[];
}

/** What comes later: once the fetches that it depends on are done it may begin. */
export interface Block extends DeferredPlan {
  readonly label: string;
  readonly depends: readonly string[];
}

export function compileDeferredPlan(
  graph: LoadedGraph,
  node: PlanNode | undefined,
  conditions: Conditions,
): DeferredPlan {
  if (node?.kind !== 'Defer')
    return { step: node === undefined ? null : compilePlan(graph, node, conditions), blocks: [] };
  const { primary, deferred } = node;
  return {
    step: primary.node === undefined ? null : compilePlan(graph, primary.node, conditions),
    blocks: deferred.map((block) => ({
      ...compileDeferredPlan(graph, block.node, conditions),
      label: block.label ?? '',
      depends: block.depends.map(({ id }) => id),
    })),
  };
}

/** A plan's node with its conditions decided and its path in it. */
type Settled =
  | { readonly kind: 'fetch'; readonly node: FetchNode; readonly path: ResponsePath }
  | { readonly kind: 'sequence' | 'parallel'; readonly nodes: readonly Settled[] };

function settle(node: PlanNode, path: ResponsePath, conditions: Conditions): Settled | null {
  switch (node.kind) {
    case 'Fetch':
      return { kind: 'fetch', node, path };
    case 'Flatten':
      return settle(node.node, [...path, ...node.path], conditions);
    case 'Condition': {
      const clause = conditions.get(node.condition) === true ? node.ifClause : node.elseClause;
      return clause === undefined ? null : settle(clause, path, conditions);
    }
    case 'Sequence':
    case 'Parallel': {
      const nodes = node.nodes.map((one) => settle(one, path, conditions)).filter((one) => one !== null);
      return several(node.kind === 'Sequence' ? 'sequence' : 'parallel', nodes);
    }
    case 'Defer':
      throw new Error('A deferred part in the middle of a plan');
  }
}

function several(kind: 'sequence' | 'parallel', nodes: readonly Settled[]): Settled | null {
  const flat = nodes.flatMap((node) => (node.kind === kind ? node.nodes : [node]));
  const [only] = flat;
  return flat.length < 2 ? (only ?? null) : { kind, nodes: flat };
}

function compileSettled(graph: LoadedGraph, settled: Settled): Step {
  switch (settled.kind) {
    case 'fetch':
      return noting(
        [settled],
        isEntityFetch(settled)
          ? compileEntityFetch(graph, [settled], null)
          : compileRootFetch(graph, settled.node, settled.path),
      );
    case 'sequence':
      return inSequence(settled.nodes.map((node) => compileSettled(graph, node)));
    case 'parallel':
      return compileParallel(graph, settled.nodes);
  }
}

type Fetch = Extract<Settled, { readonly kind: 'fetch' }>;

function isEntityFetch({ node }: Fetch): boolean {
  return node.requires !== undefined && node.requires.length > 0;
}

/** What one subgraph is asked about entities at the same time, and what follows each of these fetches. */
interface Group {
  readonly fetches: EntityFetch[];
  readonly afterwards: Settled[];
  readonly members: Settled[];
}

/** Entity fetches that would leave for one subgraph at the same moment leave together. */
function compileParallel(graph: LoadedGraph, nodes: readonly Settled[]): Step {
  const groups = new Map<string, Group>();
  for (const member of nodes) {
    const [head, ...rest] = member.kind === 'sequence' ? member.nodes : [member];
    if (head?.kind !== 'fetch' || !isEntityFetch(head)) continue;
    const group = groups.get(head.node.serviceName) ?? { fetches: [], afterwards: [], members: [] };
    groups.set(head.node.serviceName, group);
    const after = several('sequence', rest);
    group.fetches.push(head);
    group.members.push(member);
    if (after !== null) group.afterwards.push(after);
  }
  const together: Step[] = [];
  const joined = new Set<Settled>();
  for (const { fetches, afterwards, members } of groups.values()) {
    const operation = fetches.length > 1 ? joinFetches(fetches) : null;
    if (operation === null) continue;
    for (const member of members) joined.add(member);
    const after = several('parallel', afterwards);
    const first = noting(fetches, compileEntityFetch(graph, fetches, operation));
    together.push(after === null ? first : inSequence([first, compileSettled(graph, after)]));
  }
  const others = nodes.filter((node) => !joined.has(node)).map((node) => compileSettled(graph, node));
  return sideBySide([...others, ...together]);
}

/** Tells whoever waits for the fetches that they are done. */
function noting(fetches: readonly { readonly node: FetchNode }[], step: Step): Step {
  const ids = fetches.flatMap(({ node }) => (node.id === undefined ? [] : [node.id]));
  if (ids.length === 0) return step;
  return async (run) => {
    await step(run);
    for (const id of ids) run.noteFetched(id);
  };
}

function inSequence(steps: readonly Step[]): Step {
  return async (run) => {
    for (const step of steps) await step(run);
  };
}

function sideBySide(steps: readonly Step[]): Step {
  const [only] = steps;
  if (only !== undefined && steps.length === 1) return only;
  return async (run) => void (await Promise.all(steps.map((step) => step(run))));
}
