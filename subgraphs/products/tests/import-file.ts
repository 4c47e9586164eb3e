import { FileRefused, type ImportProblem } from '../src/import/problem.ts';
import { openImportFile, type PlacedProduct } from '../src/import/read-products.ts';
import { csvOf } from './csv.ts';

export const CLASSIC = [
  'Handle',
  'Title',
  'Body (HTML)',
  'Vendor',
  'Type',
  'Tags',
  'Published',
  'Option1 Name',
  'Option1 Value',
  'Option2 Name',
  'Option2 Value',
  'Variant SKU',
  'Variant Inventory Qty',
  'Variant Price',
  'Variant Compare At Price',
  'Image Src',
  'Image Position',
  'Image Alt Text',
  'Variant Image',
  'Status',
  'Collection',
] as const;

export type ClassicColumn = (typeof CLASSIC)[number];
export type ClassicRow = Partial<Record<ClassicColumn, string | number>>;

/** A file as Shopify exports it; what a row does not name is empty. */
export const classicCsv = (rows: readonly ClassicRow[]) =>
  csvOf(
    CLASSIC,
    rows.map((row) => CLASSIC.map((column) => row[column] ?? null)),
  );

/** A row that makes a product by itself. */
export const lamp = (more: ClassicRow = {}): ClassicRow => ({
  Handle: 'lamp',
  Title: 'Lamp',
  'Variant SKU': 'LAMP-1',
  'Variant Price': '48.00',
  ...more,
});

/** Everything that a file says, in pieces of `size` bytes. */
export async function readFile(file: string | Uint8Array, { currency = 'USD', size = 65_536 } = {}) {
  const bytes = Buffer.from(file);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const products: PlacedProduct[] = [];
  const problems: ImportProblem[] = [];
  let linesRead = 0;
  let refused = false;
  try {
    const opened = await openImportFile(pieces(), currency);
    try {
      for await (const placed of opened.products) {
        problems.push(...placed.problems);
        if (placed.read !== null) products.push(placed);
      }
    } finally {
      linesRead = opened.linesRead();
    }
  } catch (error) {
    if (!(error instanceof FileRefused)) throw error;
    if (error.problem !== null) problems.push(error.problem);
    refused = true;
  }
  return { products: products.flatMap(({ read }) => read?.product ?? []), problems, linesRead, refused };
}
