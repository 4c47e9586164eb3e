import type { GatewayExecutor, GatewayInterface } from '@apollo/server-gateway-interface';
import type { IdentityKeys, Logger } from '@ebuy/runtime';
import type { GraphQLSchema } from 'graphql';
import { loadGraph } from './load-graph.ts';
import type { LoadedGraph } from './loaded-graph.ts';
import { readSupergraphFile, watchSupergraphFile } from './supergraph-file.ts';
import { createUpstreams } from './upstreams.ts';

export interface GatewayOptions {
  /** The supergraph; a change of this file is loaded while requests are served. */
  readonly supergraphPath: string;
  /** Where each subgraph is, by name. */
  readonly subgraphUrls: Readonly<Record<string, string>>;
  readonly keys: IdentityKeys;
  readonly subgraphTimeoutMs: number;
  /** Whether equal reads that are on their way at the same time share a fetch. */
  readonly inFlightSharing: boolean;
  readonly logger: Logger;
  readonly pollIntervalMs?: number;
}

export interface Gateway {
  /** What a request that begins now is served by; it keeps it to its end. */
  current(): LoadedGraph;
  /** The graph of an API schema, for whoever was given only that; undefined for a schema that came from elsewhere. */
  graphOf(apiSchema: GraphQLSchema): LoadedGraph | undefined;
  /** Called with each graph that replaces another, before any request is served by it. Returns what ends that. */
  onLoad(listener: (graph: LoadedGraph) => void): () => void;
  /** Reads the file at once. Resolves when that is done, whether there was anything new in it or not; never rejects. */
  reload(): Promise<void>;
  /** What Apollo Server needs: the schema, now and whenever it changes, and who executes. */
  apollo(executor: GatewayExecutor): GatewayInterface;
  /** Closes the connections once the fetches in hand are done. */
  close(): Promise<void>;
}

const POLL_INTERVAL_MS = 1_000;

/**
 * The supergraph's life: loaded, watched, replaced by one that loads, and kept when the new one does not.
 *
 * @throws Error when the first one does not load, or a subgraph of it has no address or no key
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { supergraphPath, logger, pollIntervalMs = POLL_INTERVAL_MS } = options;
  const upstreams = createUpstreams(options);
  const graphs = new WeakMap<GraphQLSchema, LoadedGraph>();
  const listeners = new Set<(graph: LoadedGraph) => void>();
  let triedSdl = await readSupergraphFile(supergraphPath);
  let current = await load(triedSdl);

  async function load(supergraphSdl: string): Promise<LoadedGraph> {
    const loaded = await loadGraph(supergraphSdl, upstreams.of, logger);
    graphs.set(loaded.apiSchema, loaded);
    return loaded;
  }

  async function reload(): Promise<void> {
    try {
      const supergraphSdl = await readSupergraphFile(supergraphPath);
      if (supergraphSdl === triedSdl) return;
      triedSdl = supergraphSdl;
      const loaded = await load(supergraphSdl);
      for (const listener of listeners) listener(loaded);
      current = loaded;
      logger.info({ graph: loaded.id }, 'a new supergraph is served');
    } catch (error) {
      logger.error(
        { err: error, path: supergraphPath, graph: current.id },
        'the changed supergraph does not load: the one before goes on being served. Mend the file, or restore it; it is read again when it changes.',
      );
    }
  }

  let reloads: Promise<void> = Promise.resolve();
  const reloadInTurn = () => {
    reloads = reloads.then(reload);
    return reloads;
  };
  const onLoad: Gateway['onLoad'] = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const endWatch = watchSupergraphFile(supergraphPath, pollIntervalMs, reloadInTurn);

  return {
    current: () => current,
    graphOf: (apiSchema) => graphs.get(apiSchema),
    onLoad,
    reload: reloadInTurn,
    apollo: (executor) => toApollo(() => current, onLoad, executor),
    async close() {
      endWatch();
      await reloads;
      await upstreams.close();
    },
  };
}

function toApollo(current: () => LoadedGraph, onLoad: Gateway['onLoad'], executor: GatewayExecutor): GatewayInterface {
  return {
    onSchemaLoadOrUpdate(announce) {
      const tell = ({ apiSchema }: LoadedGraph) => announce({ apiSchema, coreSupergraphSdl: '' });
      tell(current());
      return onLoad(tell);
    },
    load: async () => ({ executor }),
    stop: async () => {},
  };
}
