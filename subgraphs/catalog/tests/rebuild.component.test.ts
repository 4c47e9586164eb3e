import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type DomainEvent, TOPICS } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { payloadOf } from '../src/domain/event.ts';
import type { ProductDocument } from '../src/store/document.ts';
import { history, product, productEvent, ratingEvent, stockEvent } from './histories.ts';
import { openShop, type Shop } from './shop.ts';

let shop: Shop;
let told: { readonly events: readonly DomainEvent[] };
const sold = product({ tags: ['rebuilt'], collections: ['rebuilt'] });
const sibling = product({ tags: ['rebuilt'] });
const histories = Array.from({ length: 12 }, () => history({ tags: ['rebuilt'] }));

beforeAll(async () => {
  shop = await openShop();
  told = await shop.kafka.watch(TOPICS.catalogProduct);
  await shop.collection({ title: 'Rebuilt', slug: 'rebuilt', rule: { tag: 'Rebuilt' } });
  await shop.tell(productEvent(sold), productEvent(sibling), ...histories.flat());
  await shop.tell(
    stockEvent(sold.productId, sold.variants[0]!.variantId, 1, 7, 3),
    ratingEvent(sold.productId, 1, [0, 1, 0, 0, 3]),
    // Of a product that nobody has told of yet.
    stockEvent(newId(), newId(), 1, 5),
  );
  await quiet();
});
afterAll(() => shop.close());
beforeEach(() => quiet());

/** Once everything has come and products are related. */
async function quiet(): Promise<void> {
  await eventually(
    async () => {
      const documents = await shop.products.find({}).toArray();
      expect(documents.filter(({ sources }) => sources.product === 4)).toHaveLength(histories.length);
      const related = documents.find(({ _id }) => _id === sold.productId)?.shown?.relatedProductIds;
      expect(related).toEqual([sibling.productId]);
      expect(documents.filter(({ pendingSince }) => pendingSince !== undefined)).toEqual([]);
    },
    { timeoutMs: 90_000 },
  );
}

/** Everything but versions. */
async function kept(): Promise<Record<string, unknown>> {
  const documents = await shop.products.find({}).sort({ _id: 1 }).toArray();
  return Object.fromEntries(
    documents.map(({ _id, version: _, revision: __, pendingEvents: ___, pendingSince: ____, ...fields }) => [
      _id,
      fields,
    ]),
  );
}

/** As `npm run rebuild -- catalog` does. */
async function rebuild(): Promise<Record<string, number> & { readonly failed: object[] }> {
  const { mongodbUrl, kafkaBrokers, namespace, identityVerifyKeys, redisUrl } = shop.settings;
  const file = fileURLToPath(new URL('../src/rebuild.ts', import.meta.url));
  const child = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      LOG_LEVEL: 'error',
      MONGODB_URL: mongodbUrl,
      KAFKA_BROKERS: kafkaBrokers.join(','),
      EBUY_NAMESPACE: namespace,
      REDIS_URL: redisUrl,
      IDENTITY_VERIFY_KEYS: JSON.stringify(identityVerifyKeys),
    },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  // Not at its exit: what it said last may still be on the way then.
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(output);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '{}');
}

describe('a rebuild', () => {
  test('of what is right writes nothing', async () => {
    const before = await shop.products.find({}).sort({ _id: 1 }).toArray();
    const report = await rebuild();
    expect(report).toMatchObject({ products: 15, written: 0, gone: 0, related: 0, failed: [], unreadable: 0 });
    expect(await shop.products.find({}).sort({ _id: 1 }).toArray()).toEqual(before);
  });

  test('from zero gives the live read model, field by field, and tells the world newer versions', async () => {
    const [before, live] = [await kept(), await shop.products.findOne({ _id: sold.productId })];
    await shop.products.drop();
    const report = await rebuild();
    expect(report).toMatchObject({ products: 15, failed: [] });
    expect(report.documentsPerSecond).toBeGreaterThan(0);
    await quiet();
    expect(await kept()).toEqual(before);
    const anew = await shop.products.findOne({ _id: sold.productId });
    expect(anew!.version).toBeGreaterThan(live!.version);
    await eventually(() => {
      const newest = told.events.findLast(({ subject }) => subject === sold.productId);
      expect(newest?.payload).toEqual(payloadOf(anew as ProductDocument));
    });
    // The unique indexes are back as well.
    const page = await shop.get('query ($slug: String!) { product(slug: $slug) { id } }', { slug: sold.slug });
    expect(page).toEqual({ product: { id: sold.productId } });
    await expect(shop.products.insertOne({ ...(anew as ProductDocument), _id: 'copy' })).rejects.toThrow('E11000');
  });

  test('mends what was falsified, whatever version it claims, and tells of it', async () => {
    const before = await kept();
    const [first, second, third] = histories.map(([event]) => event!.subject) as [string, string, string];
    await shop.products.updateOne(
      { _id: sold.productId },
      { $set: { 'shown.title': 'Free!', 'shown.priceRange.min.amountMinor': 1 } },
    );
    await shop.products.updateOne(
      { _id: first },
      { $set: { 'sources.product': 99, 'shown.title': 'From the future' } },
    );
    await shop.products.updateOne(
      { _id: second },
      { $set: { 'sources.stock.0.available': 1_000, 'shown.unitsSold': 0 } },
    );
    await shop.products.updateOne({ _id: third }, { $set: { variantIds: [newId()], sortedInto: ['nothing'] } });
    await shop.products.deleteOne({ _id: sibling.productId });
    const report = await rebuild();
    expect(report.written).toBeGreaterThanOrEqual(5);
    await quiet();
    expect(await kept()).toEqual(before);
    await eventually(() => {
      const newest = told.events.findLast(({ subject }) => subject === first);
      expect(newest?.payload).toMatchObject({ title: 'A better lamp' });
    });
  });

  test('takes away what no event tells of, after saying so', async () => {
    const stranger = newId();
    const like = (await shop.products.findOne({ _id: sold.productId })) as ProductDocument;
    const variantId = newId();
    const variants = [{ ...like.shown!.variants[0]!, variantId }];
    const shown = { ...like.shown!, productId: stranger, slug: `stranger-${stranger}`, variants };
    await shop.products.insertOne({ ...like, _id: stranger, shown, variantIds: [variantId] });
    await shop.products.insertOne({ ...like, _id: newId(), shown: undefined, variantIds: undefined } as never, {
      ignoreUndefined: true,
    });
    expect(await rebuild()).toMatchObject({ gone: 2, failed: [] });
    expect(await shop.products.findOne({ _id: stranger })).toBeNull();
    expect(await shop.products.countDocuments({})).toBe(15);
    await eventually(() => {
      const newest = told.events.findLast(({ subject }) => subject === stranger);
      expect(newest).toMatchObject({ type: 'catalogProduct.withdrawn', payload: { status: 'WITHDRAWN' } });
    });
  });

  test('goes on while the shop sells: newer events win, and every page is served', async () => {
    const { variantId } = sold.variants[0]!;
    await shop.products.drop();
    let isDone = false;
    const rebuilding = rebuild().finally(() => {
      isDone = true;
    });
    let version = 1;
    let asked = 0;
    while (!isDone) {
      version += 1;
      await shop.tell(
        stockEvent(sold.productId, variantId, version, version, version),
        productEvent({ ...sold, version, title: `Title ${version}` }),
      );
      const { errors } = await shop.ask('query ($slug: String!) { product(slug: $slug) { title } }', {
        slug: sold.slug,
      });
      expect(errors).toEqual([]);
      asked += 1;
    }
    expect(asked).toBeGreaterThan(3);
    expect(await rebuilding).toMatchObject({ failed: [] });
    await shop.sees(sold.productId, ({ shown, sources }) => {
      expect([sources.product, sources.stock[0]?.version]).toEqual([version, version]);
      expect(shown).toMatchObject({ title: `Title ${version}`, unitsSold: version });
    });
    await quiet();
    expect(await rebuild()).toMatchObject({ written: 0, related: 0 });
  });
});
