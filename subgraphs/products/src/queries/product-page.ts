import { cursorOf, type ListName, type Place } from '../domain/cursor.ts';
import type { Product } from '../domain/product.ts';
import { refuseQuery } from '../refusals.ts';
import { type Database, Prisma } from '../store/index.ts';
import { readProducts } from '../store/products.ts';

const MAX_PAGE = 100;

/** A page of a list, and how to count the whole of it for who asks. */
export interface ProductPage {
  readonly products: readonly Product[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly cursorOf: (product: Product) => string;
  readonly count: () => Promise<number>;
}

export interface PageRequest {
  readonly list: ListName;
  readonly first: number;
  readonly after: Place | null;
  /** Which products stand in the list. */
  readonly filter: Prisma.Sql;
}

/** Reads one row more than asked for, to know whether more follow. Places are keys, never offsets: rows that come and go shift nothing. */
export async function productPage(
  database: Database,
  { list, first, after, filter }: PageRequest,
): Promise<ProductPage> {
  if (!Number.isInteger(first) || first < 1 || first > MAX_PAGE) refuseQuery('INVALID_PAGE_SIZE');
  const byTime = list === 'changes';
  const rows = await database.$queryRaw<{ id: string }[]>(Prisma.sql`
    SELECT p.id FROM product p WHERE ${filter} AND ${beyond(after)}
     ORDER BY ${byTime ? Prisma.sql`p.updated_at, p.id` : Prisma.sql`p.id DESC`} LIMIT ${first + 1}`);
  const ids = rows.slice(0, first).map(({ id }) => id);
  const byId = new Map((await readProducts(database, ids)).map((product) => [product.id, product]));
  return {
    products: ids.flatMap((id) => byId.get(id) ?? []),
    hasNextPage: rows.length > first,
    hasPreviousPage: after !== null,
    cursorOf: ({ id, updatedAt }) => cursorOf(list, { id, at: byTime ? updatedAt : null }),
    async count() {
      const [row] = await database.$queryRaw<{ count: number }[]>(
        Prisma.sql`SELECT count(*)::int AS count FROM product p WHERE ${filter}`,
      );
      return row?.count ?? 0;
    },
  };
}

function beyond(after: Place | null): Prisma.Sql {
  if (after === null) return Prisma.sql`TRUE`;
  return after.at === null
    ? Prisma.sql`p.id < ${after.id}::uuid`
    : Prisma.sql`(p.updated_at, p.id) > (${after.at}::timestamptz, ${after.id}::uuid)`;
}
