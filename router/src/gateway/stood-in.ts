import type {
  FetchDataRewrite,
  FetchNode,
  PlanNode,
  QueryPlan,
  QueryPlanSelectionNode,
  SubscriptionNode,
} from '@apollo/query-planner';
import { Kind, parse, print, stripIgnoredCharacters, visit } from 'graphql';
import { splitByRequirements } from './split-fetch.ts';
import type { StandIns } from './stand-ins.ts';

/**
 * A plan that was made with stand-ins, as the subgraphs understand it: each stand-in is the field it stands for, asked for under the
 * stand-in's name, and named as the field again in what a subgraph requires. What a subgraph cannot be told at once, because two
 * of its fields require the same field with other arguments, is asked in two fetches.
 */
export function withoutStandIns(
  plan: QueryPlan,
  standIns: StandIns,
  typesLike: (type: string) => readonly string[],
): QueryPlan {
  if (standIns.byName.size === 0 || plan.node === undefined) return plan;
  const rewriteFetch = (fetch: FetchNode): FetchNode[] =>
    usesStandIns(fetch, standIns)
      ? splitByRequirements(fetch, standIns, typesLike).map((part) => withFields(part, standIns))
      : [fetch];
  return { ...plan, node: rewriteNode(plan.node, rewriteFetch) };
}

type Rewritten<Node> = Node extends SubscriptionNode ? SubscriptionNode : PlanNode;
type RewriteFetch = (fetch: FetchNode) => FetchNode[];

function rewriteNode<Node extends PlanNode | SubscriptionNode>(node: Node, rewriteFetch: RewriteFetch): Rewritten<Node>;
function rewriteNode(node: PlanNode | SubscriptionNode, rewriteFetch: RewriteFetch): PlanNode | SubscriptionNode {
  const rewrite = (inner: PlanNode) => rewriteNode(inner, rewriteFetch);
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map(rewrite) };
    case 'Fetch':
      return sideBySide(rewriteFetch(node), node);
    case 'Flatten': {
      if (node.node.kind !== 'Fetch') return { ...node, node: rewrite(node.node) };
      return sideBySide(
        rewriteFetch(node.node).map((fetch) => ({ ...node, node: fetch })),
        node.node,
      );
    }
    case 'Condition':
      return {
        ...node,
        ...(node.ifClause === undefined ? {} : { ifClause: rewrite(node.ifClause) }),
        ...(node.elseClause === undefined ? {} : { elseClause: rewrite(node.elseClause) }),
      };
    case 'Defer':
      return {
        ...node,
        primary: rewriteIn(node.primary, rewrite),
        deferred: node.deferred.map((one) => rewriteIn(one, rewrite)),
      };
    case 'Subscription':
      return {
        ...node,
        primary: rewriteFetch(node.primary)[0] ?? node.primary,
        ...(node.rest === undefined ? {} : { rest: rewrite(node.rest) }),
      };
  }
}

function rewriteIn<Part extends { node?: PlanNode }>(part: Part, rewrite: (node: PlanNode) => PlanNode): Part {
  return part.node === undefined ? part : { ...part, node: rewrite(part.node) };
}

/** Whoever waits for a fetch by its id waits for the last one, so that one comes last. */
function sideBySide(nodes: PlanNode[], { id }: FetchNode): PlanNode {
  const [only] = nodes;
  if (nodes.length === 1 && only !== undefined) return only;
  return id === undefined ? { kind: 'Parallel', nodes } : { kind: 'Sequence', nodes };
}

function usesStandIns({ operation, requires = [] }: FetchNode, { mark }: StandIns): boolean {
  return operation.includes(mark) || JSON.stringify(requires).includes(mark);
}

function withFields(fetch: FetchNode, standIns: StandIns): FetchNode {
  const { operation, operationDocumentNode, ...rest } = fetch;
  const document = visit(parse(operation, { noLocation: true }), {
    Field(node) {
      const standIn = standIns.byName.get(node.name.value);
      if (standIn === undefined) return undefined;
      return {
        ...node,
        alias: node.alias ?? { kind: Kind.NAME, value: node.name.value },
        name: { kind: Kind.NAME, value: standIn.field },
        arguments: standIn.arguments,
      };
    },
  });
  const renames = new Map<string, FetchDataRewrite>();
  const requires = fetch.requires?.map((selection) => requireFields(selection, [], standIns, renames));
  return {
    ...rest,
    operation: stripIgnoredCharacters(print(document)),
    ...(operationDocumentNode === undefined ? {} : { operationDocumentNode: document }),
    ...(requires === undefined ? {} : { requires }),
    ...(renames.size === 0 ? {} : { inputRewrites: [...(fetch.inputRewrites ?? []), ...renames.values()] }),
  };
}

/**
 * @param renames what has to be renamed in a representation, from the inside outwards; whatever type it is of by then, for rewrites before
 *   these may have set another
 */
function requireFields(
  selection: QueryPlanSelectionNode,
  path: readonly string[],
  standIns: StandIns,
  renames: Map<string, FetchDataRewrite>,
): QueryPlanSelectionNode {
  if (selection.kind === Kind.INLINE_FRAGMENT)
    return { ...selection, selections: selection.selections.map((one) => requireFields(one, path, standIns, renames)) };
  const key = selection.alias ?? selection.name;
  const here = [...path, key];
  const selections = selection.selections?.map((one) => requireFields(one, here, standIns, renames));
  const standIn = standIns.byName.get(selection.name);
  const inner = selections === undefined ? {} : { selections };
  if (standIn === undefined) return { ...selection, ...inner };
  renames.set(here.join('.'), { kind: 'KeyRenamer', path: here, renameKeyTo: standIn.field });
  return { kind: Kind.FIELD, alias: key, name: standIn.field, ...inner };
}
