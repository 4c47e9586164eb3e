import { composeServices } from '@apollo/composition';
import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals';
import { buildASTSchema, type GraphQLSchema, parse } from 'graphql';
import { listSubgraphs, readSubgraphSdl } from './index.ts';

/** One subgraph as it is composed: its name in the graph and its whole schema, the shared part included. */
export interface SubgraphSdl {
  readonly name: string;
  readonly sdl: string;
}

/** Composition refused: one line a problem, each beginning with Apollo's code. */
export class CompositionRefused extends Error {
  override readonly name = 'CompositionRefused';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The subgraphs do not compose:\n${problems.map((problem) => `- ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/**
 * Composes every subgraph that has a schema.graphql into the full, standard supergraph.
 *
 * @returns the supergraph's SDL, the same for the same schemas whatever the machine
 * @throws CompositionRefused for errors and, because a hint is how something disappears from the graph unseen, for every hint
 */
export function composeSupergraph(): string {
  return composeSubgraphs(listSubgraphs().map((name) => ({ name, sdl: readSubgraphSdl(name) })));
}

/**
 * Composes the given subgraphs. No hint is exempt: INCONSISTENT_INPUT_OBJECT_FIELD and INCONSISTENT_ARGUMENT_PRESENCE drop what one
 * subgraph lacks, INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE and _ARGUMENT_TYPE weaken nullability, INCONSISTENT_DESCRIPTION picks one of
 * two texts, and the rest say that something is unused or stands in one place only.
 *
 * @throws CompositionRefused see composeSupergraph
 */
export function composeSubgraphs(subgraphs: readonly SubgraphSdl[]): string {
  const result = composeServices(
    // A subgraph's address is the deployment's to say (SUBGRAPH_URLS); the supergraph carries names only.
    subgraphs.map(({ name, sdl }) => ({ name, url: `http://${name}/graphql`, typeDefs: parse(sdl) })),
  );
  if (result.errors !== undefined) {
    throw new CompositionRefused(result.errors.map((error) => `${String(error.extensions.code)}: ${error.message}`));
  }
  if (result.hints.length > 0) {
    throw new CompositionRefused(result.hints.map((hint) => `hint ${hint.definition.code}: ${hint.message}`));
  }
  return `${result.supergraphSdl.trimEnd()}\n`;
}

/** The schema as clients see it: without the join directives, and without what is @inaccessible. */
export function toApiSchema(supergraphSdl: string): GraphQLSchema {
  const supergraph = Supergraph.build(supergraphSdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES });
  return supergraph.apiSchema().toGraphQLJSSchema();
}

/** The supergraph as a schema with everything composition put in: the join directives, the guards, what is @inaccessible. */
export function toFullSchema(supergraphSdl: string): GraphQLSchema {
  return buildASTSchema(parse(supergraphSdl, { noLocation: true }), { assumeValid: true, assumeValidSDL: true });
}
