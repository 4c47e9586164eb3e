import { hasAtMost, isPrintable } from '@ebuy/kernel';
import { cursorOf, placeOf } from '../domain/cursor.ts';
import type { Product, ProductStatus } from '../domain/product.ts';
import { refuseQuery } from '../refusals.ts';
import { type Database, Prisma } from '../store/index.ts';
import { readProducts } from '../store/products.ts';

const MAX_PAGE = 100;
const MAX_QUERY_CHARACTERS = 200;

export interface StaffProductsRequest {
  readonly query: string | null;
  readonly status: ProductStatus | null;
  readonly first: number;
  readonly after: string | null;
}

/** A page of the list, and how to count the whole of it for who asks. */
export interface ProductPage {
  readonly products: readonly Product[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly cursorOf: (product: Product) => string;
  readonly count: () => Promise<number>;
}

/** Reads one row more than asked for, to know whether more follow. Places are keys, never offsets: rows that come and go shift nothing. */
export async function staffProducts(
  database: Database,
  { query, status, first, after }: StaffProductsRequest,
): Promise<ProductPage> {
  if (!Number.isInteger(first) || first < 1 || first > MAX_PAGE) refuseQuery('INVALID_PAGE_SIZE');
  const filter = Prisma.sql`${status === null ? Prisma.sql`TRUE` : Prisma.sql`p.status = ${status}`} AND ${matching(query)}`;
  const beyond = after === null ? Prisma.sql`TRUE` : Prisma.sql`p.id < ${placeOf(after)}::uuid`;
  const rows = await database.$queryRaw<{ id: string }[]>(Prisma.sql`
    SELECT p.id FROM product p WHERE ${filter} AND ${beyond} ORDER BY p.id DESC LIMIT ${first + 1}`);
  const ids = rows.slice(0, first).map(({ id }) => id);
  const byId = new Map((await readProducts(database, ids)).map((product) => [product.id, product]));
  return {
    products: ids.flatMap((id) => byId.get(id) ?? []),
    hasNextPage: rows.length > first,
    hasPreviousPage: after !== null,
    cursorOf: ({ id }) => cursorOf(id),
    async count() {
      const [row] = await database.$queryRaw<{ count: number }[]>(
        Prisma.sql`SELECT count(*)::int AS count FROM product p WHERE ${filter}`,
      );
      return row?.count ?? 0;
    },
  };
}

function matching(query: string | null): Prisma.Sql {
  const text = (query ?? '').trim();
  if (!hasAtMost(text, MAX_QUERY_CHARACTERS) || !isPrintable(text)) refuseQuery('INVALID_QUERY');
  if (text === '') return Prisma.sql`TRUE`;
  const pattern = `%${text.normalize('NFC').replace(/[\\%_]/g, '\\$&')}%`;
  return Prisma.sql`(p.title ILIKE ${pattern} OR p.slug ILIKE ${pattern}
    OR EXISTS (SELECT 1 FROM variant v WHERE v.product_id = p.id AND v.sku ILIKE ${pattern}))`;
}
