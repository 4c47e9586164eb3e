import type { Header } from './header.ts';
import { shown } from './price.ts';
import type { ImportProblem } from './problem.ts';
import { productOfRows, type ReadProduct } from './product-of-rows.ts';
import { openProductFile, type ProductRows } from './product-rows.ts';

/** A product of the file in its place, from 0: to be brought in when there is no problem with it. */
export interface PlacedProduct {
  readonly ordinal: number;
  readonly read: ReadProduct | null;
  readonly problems: readonly ImportProblem[];
}

export interface ImportFile {
  readonly header: Header;
  readonly products: AsyncGenerator<PlacedProduct>;
  linesRead(): number;
}

/** Reads a file product by product; a SKU counts for the first product that has it. */
export async function openImportFile(chunks: AsyncIterable<Uint8Array>, currency: string): Promise<ImportFile> {
  const { header, products, linesRead } = await openProductFile(chunks);
  const lineOfSku = new Map<string, number>();
  async function* placed(): AsyncGenerator<PlacedProduct> {
    let ordinal = 0;
    for await (const rows of products) {
      yield { ordinal, ...readProduct(rows, header, currency, lineOfSku) };
      ordinal += 1;
    }
  }
  return { header, products: placed(), linesRead };
}

function readProduct(rows: ProductRows, header: Header, currency: string, lineOfSku: Map<string, number>) {
  const { read, problems } = productOfRows(rows, header, currency);
  const { column, name } = header.placeOf('sku');
  const taken = (read?.product.variants ?? []).flatMap(({ sku }, index): ImportProblem[] => {
    const line = read?.variantRows[index]?.line ?? 0;
    const before = sku === null ? undefined : lineOfSku.get(sku);
    if (sku !== null && before === undefined) lineOfSku.set(sku, line);
    if (sku === null || before === undefined) return [];
    return [
      { line, column, message: `${name}: ${shown(sku)} is the SKU of line ${before} already. Give each its own.` },
    ];
  });
  const all = [...rows.problems, ...problems, ...taken];
  return { read: all.length === 0 ? read : null, problems: all };
}
