import { readFileSync } from 'node:fs';
import type { PlanNode, SubscriptionNode } from '@apollo/query-planner';
import { createLogger } from '@ebuy/runtime';
import { type ClientName, clientNames, readOperations, readSupergraphSdl } from '@ebuy/schema';
import { type ClientOperation, splitOperations } from '@ebuy/schema/operations';
import { describe, expect, test } from '@jest/globals';
import { loadGraph } from '../src/gateway/load-graph.ts';

/** How the planner answers each client's operation: the subgraphs in the order in which they are asked; `+` joins those asked side by side. */
type Plans = Readonly<Record<string, Readonly<Record<string, string>>>>;

const pinned = JSON.parse(readFileSync(new URL('plans.json', import.meta.url), 'utf8')) as Plans;
const graph = await loadGraph(readSupergraphSdl(), () => new Map(), createLogger('router', 'silent'));

function describePlan(node: PlanNode | SubscriptionNode | undefined): string {
  if (node === undefined) return '';
  switch (node.kind) {
    case 'Fetch':
      return node.serviceName;
    case 'Flatten':
      return describePlan(node.node);
    case 'Sequence':
      return node.nodes.map(describePlan).join(' > ');
    case 'Parallel':
      return `(${node.nodes.map(describePlan).sort().join(' + ')})`;
    case 'Subscription':
      return [node.primary, ...(node.rest === undefined ? [] : [node.rest])].map(describePlan).join(' > ');
    default:
      throw new Error(`No client's operation should need a ${node.kind} node`);
  }
}

function planOf({ document, name }: ClientOperation): string {
  return describePlan(graph.plan(document, name, new Map()).node);
}

const operationsOf = (client: ClientName) => splitOperations(client, readOperations(client));
const subgraphsIn = (plan: string) => plan.match(/\w+/g) ?? [];

describe.each(clientNames)('what the %s sends', (client) => {
  test('is planned as pinned in plans.json', () => {
    const plans = Object.fromEntries(operationsOf(client).map((operation) => [operation.name, planOf(operation)]));
    expect(plans).toEqual(pinned[client]);
  });
});

describe('the bounds of the plans', () => {
  test.each([
    ['storefront', 'ProductPage', 3],
    ['storefront', 'Search', 2],
    ['storefront', 'Suggest', 2],
    ['mobile', 'MobileProduct', 1],
    ['storefront', 'Home', 1],
  ])('%s: %s takes at most %d fetches', (client, name, most) => {
    expect(subgraphsIn(pinned[client]?.[name] ?? '').length).toBeGreaterThan(0);
    expect(subgraphsIn(pinned[client]?.[name] ?? '').length).toBeLessThanOrEqual(most);
  });

  test.each(['storefront', 'mobile', 'partner'] as const)('no operation of the %s enters products', (client) => {
    for (const plan of Object.values(pinned[client] ?? {})) expect(subgraphsIn(plan)).not.toContain('products');
  });
});
