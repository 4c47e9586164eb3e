import { Client } from '@opensearch-project/opensearch';
import { testEngines } from './engines.ts';
import { testNamespace } from './namespace.ts';

const REQUEST_TIMEOUT_MS = 10_000;

export interface TestOpenSearch {
  readonly url: string;
  /** Before the name of every index, alias and template of this test: `search_t1a2b3c4d_`. Never a wildcard of its own. */
  readonly prefix: string;
  readonly client: Client;
  /** Deletes every index (and with it its aliases) and every template whose name begins with the prefix. */
  drop(): Promise<void>;
}

/** A prefix of its own on the OpenSearch of the tests. */
export async function openTestOpenSearch(label: string): Promise<TestOpenSearch> {
  const url = testEngines().opensearch;
  const prefix = `${label.toLowerCase()}_${testNamespace()}_`;
  const client = new Client({ node: url, requestTimeout: REQUEST_TIMEOUT_MS, maxRetries: 0 });
  await client.ping();
  return {
    url,
    prefix,
    client,
    async drop() {
      const pattern = `${prefix}*`;
      await client.indices.delete({ index: pattern, expand_wildcards: 'all', ignore_unavailable: true });
      await client.indices.deleteIndexTemplate({ name: pattern }, { ignore: [404] });
      await client.indices.deleteTemplate({ name: pattern }, { ignore: [404] });
      await client.cluster.deleteComponentTemplate({ name: pattern }, { ignore: [404] });
      await client.close();
    },
  };
}
