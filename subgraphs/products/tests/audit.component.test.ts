import { newId } from '@ebuy/kernel';
import { readSubgraphSdl } from '@ebuy/schema';
import {
  type AuditReader,
  auditedBy,
  auditedMutations,
  auditOfPostgres,
  CLIENT_ADDRESS,
  eventually,
  shopper,
} from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeProduct, merchandiser, mutate, type Products, productInput, startProducts } from './fixture.ts';
import { askImport, ended } from './importing.ts';

const AUDITED = auditedMutations(readSubgraphSdl('products'));
const CSV = 'Handle,Title,Variant SKU,Variant Price,Variant Inventory Qty\naudited-lamp,Audited lamp,AUD-1,19.99,3\n';
let products: Products;
let read: AuditReader;
beforeAll(async () => {
  products = await startProducts();
  read = auditOfPostgres(products.database);
});
afterAll(() => products?.stop());

interface Case {
  /** What is sent, for a product of one variant; it changes something. */
  readonly input: (product: { id: string; variantId: string }) => Record<string, unknown>;
  /** The same, refused. */
  readonly refused: Record<string, unknown>;
  readonly aggregate: string;
  readonly detail: object;
}

const price = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const CASES: Readonly<Record<string, Case>> = {
  createProduct: {
    input: () => ({ ...productInput(), idempotencyKey: newId() }),
    refused: { variants: [] },
    aggregate: 'Product',
    detail: { variants: 1, units: 10 },
  },
  updateProduct: {
    input: ({ id }) => ({ productId: id, title: `Ada’s lamp ${newId()}` }),
    refused: { expectedVersion: 99 },
    aggregate: 'Product',
    detail: { status: 'DRAFT', changed: ['title'] },
  },
  publishProduct: {
    input: ({ id }) => ({ productId: id }),
    refused: { expectedVersion: 99 },
    aggregate: 'Product',
    detail: { status: 'PUBLISHED', changed: expect.arrayContaining(['status']) },
  },
  withdrawProduct: {
    input: ({ id }) => ({ productId: id }),
    refused: { expectedVersion: 99 },
    aggregate: 'Product',
    detail: { status: 'WITHDRAWN', changed: expect.arrayContaining(['status']) },
  },
  repriceVariant: {
    input: ({ variantId }) => ({ variantId, price: price(1_234) }),
    refused: { expectedVersion: 99 },
    aggregate: 'Product',
    detail: {
      ...{ status: 'DRAFT', changed: ['variants'], variantId: expect.any(String), currency: 'EUR' },
      ...{ wasPriceMinor: 1_999, priceMinor: 1_234, wasCompareAtMinor: null, compareAtMinor: null },
    },
  },
  adjustStock: {
    input: ({ variantId }) => ({ variantId, delta: 5, reason: 'Ada counted', idempotencyKey: newId() }),
    refused: { delta: -1_000, idempotencyKey: newId() },
    aggregate: 'Stock',
    detail: { productId: expect.any(String), delta: 5, onHand: 15 },
  },
};

test('every mutation of the schema has its case here', () => {
  expect(AUDITED).toEqual([...Object.keys(CASES), 'importProducts'].sort());
});

const by = (action: string, aggregate: string, detail: object) => ({
  ...{ id: expect.any(String), at: expect.any(String), correlationId: expect.any(String), causationId: null },
  actor: { kind: 'staff', id: merchandiser.id, clientId: merchandiser.clientId, roles: merchandiser.roles },
  action,
  aggregate: { type: aggregate, id: expect.any(String) },
  detail,
  from: { address: CLIENT_ADDRESS, service: 'router' },
});

describe.each(Object.entries(CASES))('%s', (name, { input, refused, aggregate, detail }) => {
  const send = (sent: Record<string, unknown>, caller = merchandiser) =>
    mutate<{ userErrors: unknown[]; replayed?: boolean }>(products, name, sent, caller);

  test('leaves one entry, a repeat none, a refusal none', async () => {
    const product = await makeProduct(products);
    const target = { id: product.id, variantId: product.variants[0]?.id ?? '' };
    if (name === 'withdrawProduct') await mutate(products, 'publishProduct', { productId: product.id });
    const sent = input(target);
    const done = await auditedBy(read, AUDITED, async () => expect((await send(sent)).userErrors).toEqual([]));
    expect(done).toEqual([{ ...by(name, aggregate, detail), version: expect.any(Number) }]);
    expect(JSON.stringify(done)).not.toContain('Ada');
    // The same key again; where there is none, the same values, which change nothing.
    expect(await auditedBy(read, AUDITED, async () => expect((await send(sent)).userErrors).toEqual([]))).toEqual([]);
    const never = { ...sent, ...refused };
    expect(await auditedBy(read, AUDITED, async () => expect((await send(never)).userErrors).toHaveLength(1))).toEqual(
      [],
    );
    const forbidden = async () => expect(send(sent, shopper('u-1'))).rejects.toThrow('FORBIDDEN');
    expect(await auditedBy(read, AUDITED, forbidden)).toEqual([]);
  });
});

describe('importProducts', () => {
  const both = [...AUDITED, 'endImport'];

  test('leaves one entry at its begin, by whoever sent the file, and one at its end, by products', async () => {
    let id = '';
    const done = await auditedBy(read, both, async () => {
      id = (await askImport(products, { csv: CSV, currency: 'EUR' })).import?.id ?? '';
      await ended(products, id);
    });
    expect(done).toEqual([
      {
        ...by('importProducts', 'ProductImport', {
          ...{ uploadId: expect.any(String), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
          ...{ currency: 'EUR', publish: false },
        }),
        aggregate: { type: 'ProductImport', id },
        version: null,
      },
      expect.objectContaining({
        actor: { kind: 'service', id: 'products', clientId: null, roles: [] },
        action: 'endImport',
        aggregate: { type: 'ProductImport', id },
        detail: {
          ...{ status: 'COMPLETED', linesRead: 2, productsCreated: 1, productsUpdated: 0, productsUnchanged: 0 },
          problemCount: 0,
        },
        from: null,
        correlationId: done[0]?.correlationId,
      }),
    ]);
  });

  test('that is refused leaves none', async () => {
    const refused = async () => {
      const { userErrors } = await askImport(products, { uploadId: newId(), currency: 'EUR' });
      expect(userErrors).toMatchObject([{ code: 'UPLOAD_NOT_FOUND' }]);
    };
    expect(await auditedBy(read, both, refused)).toEqual([]);
  });
});

test('what was written is sealed soon', async () => {
  await makeProduct(products);
  await eventually(
    async () => {
      const [row] = await products.database.query<{ sealed: boolean; written: boolean }>(
        'SELECT bool_and(seal IS NOT NULL) AS sealed, count(*) > 0 AS written FROM audit_entry',
      );
      expect(row).toEqual({ sealed: true, written: true });
    },
    { timeoutMs: 45_000 },
  );
});
