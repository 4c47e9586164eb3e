import { isId } from '@ebuy/kernel';
import { type ProductImport, readImport } from '../store/imports.ts';
import type { Database } from '../store/index.ts';

export async function productImport(database: Database, id: string): Promise<ProductImport | null> {
  return isId(id) ? readImport(database, id) : null;
}
