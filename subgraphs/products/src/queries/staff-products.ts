import { placeOf } from '../domain/cursor.ts';
import type { ProductStatus } from '../domain/product.ts';
import { hasAtMost, isPrintable } from '../domain/text.ts';
import { refuseQuery } from '../refusals.ts';
import { type Database, Prisma } from '../store/index.ts';
import { type ProductPage, productPage } from './product-page.ts';

const MAX_QUERY_CHARACTERS = 200;

export interface StaffProductsRequest {
  readonly query: string | null;
  readonly status: ProductStatus | null;
  readonly first: number;
  readonly after: string | null;
}

export function staffProducts(
  database: Database,
  { query, status, first, after }: StaffProductsRequest,
): Promise<ProductPage> {
  return productPage(database, {
    list: 'staff',
    first,
    after: after === null ? null : placeOf('staff', after),
    filter: Prisma.sql`${status === null ? Prisma.sql`TRUE` : Prisma.sql`p.status = ${status}`} AND ${matching(query)}`,
  });
}

function matching(query: string | null): Prisma.Sql {
  const text = (query ?? '').trim();
  if (!hasAtMost(text, MAX_QUERY_CHARACTERS) || !isPrintable(text)) refuseQuery('INVALID_QUERY');
  if (text === '') return Prisma.sql`TRUE`;
  const pattern = `%${text.normalize('NFC').replace(/[\\%_]/g, '\\$&')}%`;
  return Prisma.sql`(p.title ILIKE ${pattern} OR p.slug ILIKE ${pattern}
    OR EXISTS (SELECT 1 FROM variant v WHERE v.product_id = p.id AND v.sku ILIKE ${pattern}))`;
}
