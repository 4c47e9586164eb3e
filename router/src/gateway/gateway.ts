import { ApolloGateway } from '@apollo/gateway';
import type { IdentityKeys, Logger } from '@ebuy/runtime';
import type { GraphQLSchema } from 'graphql';
import { toPlannerSupergraph } from './planner-supergraph.ts';
import { SubgraphSource } from './subgraph-source.ts';

export interface GatewayOptions {
  readonly supergraphSdl: string;
  /** Where each subgraph is, by name. */
  readonly subgraphUrls: Readonly<Record<string, string>>;
  readonly keys: IdentityKeys;
  readonly subgraphTimeoutMs: number;
  readonly logger: Logger;
}

export interface Gateway {
  readonly apollo: ApolloGateway;
  /** The schema as clients see it; there once Apollo Server has started. */
  apiSchema(): GraphQLSchema;
  close(): Promise<void>;
}

/**
 * The planner and its executor, over the committed supergraph.
 *
 * @throws Error at once, naming them, when a subgraph of the supergraph has no address or no key
 */
export function createGateway(options: GatewayOptions): Gateway {
  // The gateway reports usage to its maker unless told otherwise, and reads that from the environment only.
  process.env.APOLLO_TELEMETRY_DISABLED = 'true';
  refuseGaps(options);
  const sources: SubgraphSource[] = [];
  const apollo = new ApolloGateway({
    supergraphSdl: toPlannerSupergraph(options.supergraphSdl),
    buildService({ name }) {
      const source = new SubgraphSource({
        name,
        url: options.subgraphUrls[name] ?? '',
        keys: options.keys,
        timeoutMs: options.subgraphTimeoutMs,
        logger: options.logger,
      });
      sources.push(source);
      return source;
    },
    logger: options.logger,
    debug: false,
    __exposeQueryPlanExperimental: false,
  });
  let loaded: GraphQLSchema | null = null;
  apollo.onSchemaLoadOrUpdate(({ apiSchema }) => {
    loaded = apiSchema;
  });
  return {
    apollo,
    apiSchema() {
      if (loaded === null) throw new Error('The gateway has not loaded its supergraph yet: start Apollo Server first.');
      return loaded;
    },
    close: async () => void (await Promise.all(sources.map((source) => source.close()))),
  };
}

function refuseGaps({ supergraphSdl, subgraphUrls, keys }: GatewayOptions): void {
  const names = [...supergraphSdl.matchAll(/@join__graph\(name: "(\w+)"/g)].map(([, name]) => String(name));
  const lacking = names.flatMap((name) => [
    ...(subgraphUrls[name] === undefined ? [`SUBGRAPH_URLS has no address for ${name}`] : []),
    ...(keys[name] === undefined ? [`IDENTITY_SIGN_KEYS has no key for ${name}`] : []),
  ]);
  if (lacking.length > 0) throw new Error(`These settings need attention:\n  ${lacking.join('\n  ')}`);
}
