import { type IndexDocument, indexDocumentOf } from '@ebuy/search/document';
import type { Check } from '../contract.ts';
import { compareAll } from '../differences.ts';
import type { Stores } from '../stores.ts';
import { readVersionedCatalog } from './catalog.ts';

const PAGE = 1_000;
const KEEP_ALIVE = '1m';

export function searchFollowsTheCatalog(stores: Stores): Check {
  return {
    invariant: 'I10',
    claim: 'search has every document of the catalog in its newest version, and no other',
    counted: 'documents',
    run: async (look) => {
      const catalog = await look.at(readVersionedCatalog, stores);
      const expected = new Map([...catalog].map(([id, product]) => [id, indexDocumentOf(product)]));
      const found = await readIndex(stores);
      return { compared: expected.size, violations: compareAll<IndexDocument>('search document', expected, found) };
    },
  };
}

/** Every document of the index, as of one moment. */
async function readIndex({ search, index }: Stores): Promise<Map<string, IndexDocument>> {
  await search.indices.refresh({ index });
  const { body: point } = await search.createPit({ index: [index], keep_alive: KEEP_ALIVE });
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
