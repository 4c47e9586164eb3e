import type { Caller } from '@ebuy/kernel';
import { eventually, type TestDatabase } from '@ebuy/testing';
import { expect } from '@jest/globals';
import { merchandiser, type Products, type UserError } from './fixture.ts';

export interface ShownImport {
  readonly id: string;
  readonly status: 'RUNNING' | 'COMPLETED' | 'FAILED';
  readonly linesRead: number;
  readonly productsCreated: number;
  readonly productsUpdated: number;
  readonly productsUnchanged: number;
  readonly problems: { line: number; column: number | null; message: string }[];
  readonly problemCount: number;
  readonly finishedAt: string | null;
}

const SHOWN = `id status linesRead productsCreated productsUpdated productsUnchanged problems { line column message } problemCount
  createdAt finishedAt`;

export interface ImportPayload {
  readonly import: ShownImport | null;
  readonly userErrors: UserError[];
}

/** `importProducts`, as the console sends it. */
export async function askImport(
  { router }: Pick<Products, 'router'>,
  input: Record<string, unknown>,
  caller: Caller = merchandiser,
): Promise<ImportPayload> {
  const { result, errors } = await router.ask<{ importProducts: ImportPayload | null }>(
    `mutation($input: ImportProductsInput!) { importProducts(input: $input) { import { ${SHOWN} } userErrors { code message field } } }`,
    { input },
    caller,
  );
  if (!result?.importProducts) throw new Error(errors.map(({ extensions }) => extensions?.code).join());
  return result.importProducts;
}

export async function importById(
  { router }: Pick<Products, 'router'>,
  id: string,
  caller: Caller = merchandiser,
): Promise<ShownImport | null> {
  const { result, errors } = await router.ask<{ productImport: ShownImport | null }>(
    `query($id: ID!) { productImport(id: $id) { ${SHOWN} } }`,
    { id },
    caller,
  );
  if (errors.length > 0) throw new Error(errors.map(({ extensions }) => extensions?.code).join());
  return result?.productImport ?? null;
}

/** Imports a text and waits for the end. */
export async function importCsv(
  products: Pick<Products, 'router'>,
  csv: string,
  more: Record<string, unknown> = {},
): Promise<ShownImport> {
  const { import: begun, userErrors } = await askImport(products, { csv, currency: 'EUR', ...more });
  if (begun === null) throw new Error(JSON.stringify(userErrors));
  return ended(products, begun.id);
}

export function ended(products: Pick<Products, 'router'>, id: string): Promise<ShownImport> {
  return eventually(
    async () => {
      const current = await importById(products, id);
      if (current === null) throw new Error('gone');
      expect(current.status).not.toBe('RUNNING');
      return current;
    },
    { timeoutMs: 60_000 },
  );
}

export interface Shown {
  readonly id: string;
  readonly version: number;
  readonly status: string;
  readonly title: string;
  readonly vendor: string | null;
  readonly tags: string[];
  readonly descriptionHtml: string;
  readonly images: { url: string; altText: string | null; width: number | null }[];
  readonly options: { name: string; values: string[] }[];
  readonly variants: {
    id: string;
    sku: string;
    title: string;
    price: { amountMinor: number };
    compareAtPrice: { amountMinor: number } | null;
    stock: { onHand: number; version: number };
  }[];
}

/** A product as the staff's list shows it. */
export async function shown({ router }: Pick<Products, 'router'>, slug: string): Promise<Shown> {
  const { result, errors } = await router.ask<{ staffProducts: { nodes: Shown[] } }>(
    `query($slug: String) { staffProducts(query: $slug, first: 1) { nodes { id version status title vendor tags descriptionHtml
      images { url altText width } options { name values }
      variants { id sku title price { amountMinor } compareAtPrice { amountMinor } stock { onHand version } } } } }`,
    { slug },
    merchandiser,
  );
  const [product] = result?.staffProducts.nodes ?? [];
  if (product === undefined) throw new Error(`no ${slug}: ${JSON.stringify(errors)}`);
  return product;
}

/** Holds an import up at its hundredth product, until it is opened. */
export async function closeGate({ query, transaction }: TestDatabase) {
  const [closed, opened] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holding = transaction(async (tx) => {
    await tx.$executeRawUnsafe('SELECT pg_advisory_xact_lock(100)');
    closed.resolve();
    await opened.promise;
  });
  await closed.promise;
  await query(
    `CREATE FUNCTION hold_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF (SELECT count(*) FROM import_outcome) >= 99 THEN PERFORM pg_advisory_xact_lock_shared(100); END IF;
       RETURN NULL; END $$;
     CREATE TRIGGER hold_up AFTER INSERT ON import_outcome FOR EACH STATEMENT EXECUTE FUNCTION hold_up()`,
  );
  return {
    isReached: async () =>
      (await query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 100 AND NOT granted")).length > 0,
    open: () => {
      opened.resolve();
      return holding;
    },
  };
}
