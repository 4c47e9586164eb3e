import type { QueryPlan } from '@apollo/query-planner';
import type { Logger } from '@ebuy/runtime';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import type { Upstream } from '../upstream/upstream.ts';
import type { ResponseKeys } from './response-keys.ts';

/** One supergraph, loaded. It never changes: a reload makes another, and requests in hand finish on theirs. */
export interface LoadedGraph {
  /** The same for the same supergraph. */
  readonly id: string;
  /** As clients see it. */
  readonly apiSchema: GraphQLSchema;
  /** All of it, with what is inaccessible. */
  readonly schema: GraphQLSchema;
  /** The labels of progressive @override that occur in it. */
  readonly overrideLabels: readonly string[];
  /**
   * @param overrides which labels are on; those that are missing are off
   * @throws GraphQLError when the operation is not one of this graph
   */
  plan(document: DocumentNode, operationName: string | undefined, overrides: ReadonlyMap<string, boolean>): QueryPlan;
  /** What was fetched by a plan stands under these keys. */
  readonly keys: Pick<ResponseKeys, 'keyOf' | 'toClientPath'>;
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly logger: Logger;
}
