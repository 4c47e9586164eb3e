import { type IndexDocument, indexDocumentOf } from '@ebuy/search/document';
import type { Client } from '@opensearch-project/opensearch';
import type { Check } from '../contract.ts';
import { compareAll } from '../differences.ts';
import type { Stores } from '../stores.ts';
import { readVersionedCatalog } from './catalog.ts';

const INDEX = 'ebuy-products';
const PAGE = 1_000;
const KEEP_ALIVE = '1m';

export function searchFollowsTheCatalog(stores: Stores): Check {
  return {
    claim: 'search has every document of the catalog in its newest version, and no other',
    counted: 'documents',
    run: async () => {
      const catalog = await readVersionedCatalog(stores);
      const expected = new Map([...catalog].map(([id, product]) => [id, indexDocumentOf(product)]));
      const found = await readIndex(stores.search);
      return { compared: expected.size, violations: compareAll<IndexDocument>('search document', expected, found) };
    },
  };
}

/** Every document of the index, as of one moment. */
async function readIndex(search: Client): Promise<Map<string, IndexDocument>> {
  await search.indices.refresh({ index: INDEX });
  const { body: point } = await search.createPit({ index: [INDEX], keep_alive: KEEP_ALIVE });
  const found = new Map<string, IndexDocument>();
  try {
    for (let after: unknown[] | undefined; ; ) {
      const { body } = await search.search({
        body: {
          size: PAGE,
          pit: { id: point.pit_id as string, keep_alive: KEEP_ALIVE },
          sort: [{ id: 'asc' }],
          ...(after === undefined ? {} : { search_after: after }),
        } as never,
      });
      const hits = body.hits.hits;
      for (const { _id, _source } of hits) found.set(String(_id), _source as unknown as IndexDocument);
      after = hits.at(-1)?.sort as unknown[] | undefined;
      if (hits.length < PAGE || after === undefined) return found;
    }
  } finally {
    await search.deletePit({ body: { pit_id: [point.pit_id as string] } }).catch(() => undefined);
  }
}
