import { newId } from '@ebuy/kernel';
import { judgeChain, readMongoChain } from '@ebuy/runtime';
import { readSubgraphSdl } from '@ebuy/schema';
import { auditedBy, auditedMutations, auditOfMongo, CLIENT_ADDRESS, eventually, shopper } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { merchandiser, openShop, type Shop } from './shop.ts';

const BUSY = { timeoutMs: 45_000 };
const AUDITED = auditedMutations(readSubgraphSdl('catalog'));
let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const database = () => shop.mongo.connection.db!;
const by = (act: () => Promise<unknown>) => auditedBy(auditOfMongo(database(), ['collections']), AUDITED, act);
const collect = (name: 'createCollection' | 'updateCollection', input: Record<string, unknown>) => async () =>
  void (await shop.collect(name, input));

const CASES = {
  createCollection: {
    input: async () => ({ slug: `audited-${newId()}`, title: 'Ada’s finds' }),
    refused: { title: '' },
    version: 1,
    detail: { products: 0, byRule: false },
  },
  updateCollection: {
    input: async () => ({ collectionId: await shop.collection({ title: `T ${newId()}` }), title: 'Ada’s finds' }),
    refused: { expectedVersion: 99 },
    version: 2,
    detail: { changed: ['title'] },
  },
} as const;

test('every mutation of the schema has its case here', () => {
  expect(AUDITED).toEqual(Object.keys(CASES).sort());
});

describe.each(Object.entries(CASES))('%s', (operation, { input, refused, version, detail }) => {
  const name = operation as keyof typeof CASES;

  test('leaves one entry, the same again none, a refusal none', async () => {
    const sent = await input();
    const done = await by(collect(name, sent));
    expect(done).toEqual([
      {
        ...{ id: expect.any(String), at: expect.any(String), correlationId: expect.any(String), causationId: null },
        actor: { kind: 'staff', id: merchandiser.id, clientId: merchandiser.clientId, roles: merchandiser.roles },
        action: name,
        aggregate: { type: 'Collection', id: expect.any(String) },
        version,
        detail,
        from: { address: CLIENT_ADDRESS, service: 'router' },
      },
    ]);
    expect(JSON.stringify(done)).not.toContain('Ada');
    // Of a collection that is there: the slug is taken, or the values are the same.
    expect(await by(collect(name, sent))).toEqual([]);
    expect(await by(collect(name, { ...sent, ...refused }))).toEqual([]);
    const query = `mutation { ${name}(input: ${name === 'createCollection' ? '{ title: "T" }' : `{ collectionId: "${newId()}" }`}) { collection { id } } }`;
    expect(await by(() => shop.ask(query, {}, shopper('u-1')))).toEqual([]);
  });
});

test('the chain holds, and nothing waits to be sealed', async () => {
  await eventually(async () => {
    expect(await shop.collections.countDocuments({ pendingAuditSince: { $exists: true } })).toBe(0);
    const { head, breaks } = await judgeChain('catalog', readMongoChain(database()));
    expect([head.seal > 0, breaks]).toEqual([true, []]);
  }, BUSY);
});
