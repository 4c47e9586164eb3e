/** The search service on its engines, as the router sees it. */
import { createKafka, createProducer, encodeEvent, TOPICS, topicName } from '@ebuy/events';
import { type RunningService, startService } from '@ebuy/runtime';
import {
  asRouter,
  eventually,
  openTestKafka,
  openTestOpenSearch,
  type TestKafka,
  type TestOpenSearch,
  testKey,
} from '@ebuy/testing';
import { createApp } from '../src/app.ts';
import type { Settings } from '../src/config.ts';
import { type IndexNames, indexNames } from '../src/store/names.ts';
import { WINDOW_MS } from '../src/store/points-in-time.ts';
import { type CatalogProduct, changed } from './products.ts';

export { type CatalogProduct, changed, collection, nextVersion, product, usd } from './products.ts';

export interface Found {
  readonly totalCount: number;
  readonly didYouMean: string | null;
  readonly facets: readonly {
    readonly field: string;
    readonly label: string;
    readonly min: number | null;
    readonly max: number | null;
    readonly values: readonly {
      readonly value: string;
      readonly label: string;
      readonly count: number;
      readonly selected: boolean;
    }[];
  }[];
  readonly edges: readonly {
    readonly cursor: string;
    readonly score: number | null;
    readonly highlights: readonly { readonly field: string; readonly fragments: readonly string[] }[];
    readonly node: Readonly<Record<string, unknown>> & { readonly id: string; readonly title: string };
  }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly endCursor: string | null;
  };
}

const PAGE = 1_000;

/** As the storefront sends it, with what the router adds. */
const CARD = `__typename id slug title vendor availability
  priceRange { min { amountMinor currency } max { amountMinor currency } }
  featuredImage { url altText width height } rating { average count }`;
const SEARCH = `query Search($query: String!, $filters: [SearchFilterInput!], $sort: SearchSort, $first: Int!, $after: String) {
  searchProducts(query: $query, filters: $filters, sort: $sort, first: $first, after: $after) {
    totalCount didYouMean
    facets { field label min max values { value label count selected } }
    edges { cursor score highlights { field fragments } node { ...Card } }
    pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}
fragment Card on Product { ${CARD} }`;
const SUGGEST = `query Suggest($prefix: String!, $first: Int!) {
  searchSuggestions(prefix: $prefix, first: $first) { queries products { ${CARD} } }
}`;

export interface Asked {
  readonly filters?: readonly Readonly<Record<string, unknown>>[];
  readonly sort?: string;
  readonly first?: number;
  readonly after?: string | null;
}

export interface Stage {
  readonly kafka: TestKafka;
  readonly opensearch: TestOpenSearch;
  readonly names: IndexNames;
  readonly settings: Settings;
  readonly service: RunningService;
  readonly ask: ReturnType<typeof asRouter>['ask'];
  /** Throws with the error's code when it is not answered. */
  search(query: string, asked?: Asked): Promise<Found>;
  suggest(prefix: string, first?: number): Promise<{ queries: string[]; products: { id: string; title: string }[] }>;
  /** The code of the first error. */
  refused(query: string, asked?: Asked): Promise<string | undefined>;
  publish(...products: readonly CatalogProduct[]): Promise<void>;
  /** Publishes them and waits until the last one can be found. */
  fill(products: readonly CatalogProduct[]): Promise<void>;
  ready(): Promise<number>;
  restart(more?: Partial<Settings>): Promise<void>;
  close(): Promise<void>;
}

export async function openStage(more: Partial<Settings> = {}): Promise<Stage> {
  const [kafka, opensearch] = await Promise.all([openTestKafka(), openTestOpenSearch('search')]);
  const producer = createProducer(createKafka(kafka.settings));
  await producer.connect();
  const routerKey = testKey();
  let settings: Settings = {
    host: '127.0.0.1',
    port: 0,
    adminPort: 0,
    logLevel: 'silent',
    environment: 'test',
    namespace: kafka.namespace,
    kafkaBrokers: [...kafka.settings.brokers],
    identityVerifyKeys: { router: routerKey },
    opensearchUrl: opensearch.url,
    currency: 'USD',
    ...more,
  };
  const start = async () => {
    const service = await startService('search', settings, createApp);
    return { service, router: asRouter({ name: 'search', port: service.port, key: routerKey }) };
  };
  let running = await start();
  const stop = async () => {
    await running.router.close();
    await running.service.stop();
  };
  return stageOf({
    kafka,
    opensearch,
    async send(products) {
      const messages = products.map(changed).map((event) => ({ key: event.subject, value: encodeEvent(event) }));
      await producer.send({ topic: topicName(kafka.namespace, TOPICS.catalogProduct), messages });
    },
    running: () => running,
    settings: () => settings,
    async restart(changes = {}) {
      await stop();
      settings = { ...settings, ...changes };
      running = await start();
    },
    async close() {
      await stop();
      const { client } = opensearch;
      const indexes = await client.cat.indices({ index: `${kafka.namespace}*`, format: 'json' });
      for (const { index } of indexes.body as { index: string }[]) await client.indices.delete({ index });
      await producer.disconnect();
      await Promise.all([kafka.close(), opensearch.drop()]);
    },
  });
}

interface Parts extends Pick<Stage, 'kafka' | 'opensearch' | 'restart' | 'close'> {
  readonly running: () => { readonly service: RunningService; readonly router: ReturnType<typeof asRouter> };
  readonly settings: () => Settings;
  /** All at once, each product's in their order. */
  readonly send: (products: readonly CatalogProduct[]) => Promise<void>;
}

function stageOf({ kafka, opensearch, running, settings, send, restart, close }: Parts): Stage {
  const ask: Stage['ask'] = (query, variables) => running().router.ask(query, variables);
  const asking = (query: string, { first = 24, ...asked }: Asked) =>
    ask<{ searchProducts: Found | null }>(SEARCH, { query, first, ...asked });
  const stage: Stage = {
    kafka,
    opensearch,
    names: indexNames(kafka.namespace),
    get settings() {
      return settings();
    },
    get service() {
      return running().service;
    },
    ask,
    restart,
    close,
    async search(query, asked = {}) {
      const { result, errors } = await asking(query, asked);
      if (!result?.searchProducts) throw new Error(JSON.stringify(errors));
      return result.searchProducts;
    },
    async suggest(prefix, first = 6) {
      const { result, errors } = await ask<{ searchSuggestions: Awaited<ReturnType<Stage['suggest']>> | null }>(
        SUGGEST,
        {
          prefix,
          first,
        },
      );
      if (!result?.searchSuggestions) throw new Error(JSON.stringify(errors));
      return result.searchSuggestions;
    },
    async refused(query, asked = {}) {
      return (await asking(query, asked)).errors[0]?.extensions?.code as string | undefined;
    },
    publish: (...products) => send(products),
    async fill(products) {
      await send(products);
      const newest = new Map(products.map((one) => [one.productId, one]));
      const versions = [...newest.values()].map(({ productId, version }) => [productId, version] as const);
      await eventually(
        async () => {
          const kept = await documentsOf(stage);
          const missing = versions.filter(([id, version]) => (kept.get(id)?.version ?? 0) < version);
          if (missing.length > 0) throw new Error(`${missing.length} of ${versions.length} are not visible yet`);
        },
        { timeoutMs: 90_000, everyMs: 25 },
      );
      // Searches may share a point in time that was opened a moment before.
      await windowOver();
    },
    async ready() {
      return (await fetch(`http://127.0.0.1:${running().service.adminPort}/readyz`)).status;
    },
  };
  return stage;
}

/** Until a search opens a point in time of its own. A timer may be a little early. */
export const windowOver = () => new Promise((resolve) => setTimeout(resolve, WINDOW_MS + 20));

/** Every document that an index shows, hidden ones too, by id. */
export async function documentsOf({ opensearch, names }: Pick<Stage, 'opensearch' | 'names'>, index = names.read) {
  const found = new Map<string, { version: number; source: Record<string, unknown> }>();
  for (let after: string | undefined; ; ) {
    const walk = { sort: [{ id: 'asc' }], ...(after === undefined ? {} : { search_after: [after] }) };
    const { body } = await opensearch.client.search({ index, body: { size: PAGE, version: true, ...walk } as never });
    const hits = body.hits.hits as unknown as { _id: string; _version: number; _source: Record<string, unknown> }[];
    for (const { _id, _version, _source } of hits) found.set(_id, { version: _version, source: _source });
    after = hits.at(-1)?._id;
    if (hits.length < PAGE) return found;
  }
}

export const titlesOf = ({ edges }: Pick<Found, 'edges'>): string[] => edges.map(({ node }) => node.title);
export const idsOf = ({ edges }: Pick<Found, 'edges'>): string[] => edges.map(({ node }) => node.id);
