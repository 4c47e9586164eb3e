import type { IdentityKeys, Logger } from '@ebuy/runtime';
import { InFlight } from '../in-flight.ts';
import { connectUpstream } from '../upstream/connect.ts';
import type { Upstream, UpstreamAnswer } from '../upstream/upstream.ts';

export interface UpstreamsOptions {
  /** Where each subgraph is, by name. */
  readonly subgraphUrls: Readonly<Record<string, string>>;
  readonly keys: IdentityKeys;
  readonly subgraphTimeoutMs: number;
  readonly inFlightSharing: boolean;
  readonly logger: Logger;
}

export interface Upstreams {
  /** @throws Error naming all of them, when a subgraph has no address or no key */
  of(this: void, subgraphs: readonly string[]): ReadonlyMap<string, Upstream>;
  close(): Promise<void>;
}

/** Connections outlive graphs: a request in hand may still need what the newest graph has no more. There are as many as SUBGRAPH_URLS has addresses. */
export function createUpstreams(options: UpstreamsOptions): Upstreams {
  const { subgraphUrls, keys, subgraphTimeoutMs: timeoutMs, logger } = options;
  const inFlight = options.inFlightSharing ? new InFlight<UpstreamAnswer>() : null;
  const connected = new Map<string, Upstream>();
  const upstreamOf = (name: string): Upstream => {
    const known = connected.get(name);
    if (known !== undefined) return known;
    const upstream = connectUpstream({ name, url: subgraphUrls[name] ?? '', keys, timeoutMs, inFlight, logger });
    connected.set(name, upstream);
    return upstream;
  };
  return {
    of(subgraphs) {
      refuseGaps(subgraphs, options);
      return new Map(subgraphs.map((name) => [name, upstreamOf(name)]));
    },
    close: async () => void (await Promise.all([...connected.values()].map((upstream) => upstream.close()))),
  };
}

function refuseGaps(subgraphs: readonly string[], { subgraphUrls, keys }: UpstreamsOptions): void {
  const lacking = subgraphs.flatMap((name) => [
    ...(subgraphUrls[name] === undefined ? [`SUBGRAPH_URLS has no address for ${name}`] : []),
    ...(keys[name] === undefined ? [`IDENTITY_SIGN_KEYS has no key for ${name}`] : []),
  ]);
  if (lacking.length > 0) throw new Error(`These settings need attention:\n  ${lacking.join('\n  ')}`);
}
