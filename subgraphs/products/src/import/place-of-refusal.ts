import type { Refusal } from '@ebuy/kernel';
import type { ColumnName, Header } from './header.ts';
import type { ImportProblem } from './problem.ts';
import type { ReadProduct } from './product-of-rows.ts';
import type { Row } from './rows.ts';

const COLUMN_OF_FIELD: Readonly<Record<string, ColumnName>> = {
  slug: 'handle',
  title: 'title',
  descriptionHtml: 'description',
  vendor: 'vendor',
  productType: 'type',
  tags: 'tags',
  collections: 'collection',
  sku: 'sku',
  price: 'price',
  compareAtPrice: 'compareAtPrice',
  onHand: 'quantity',
  url: 'imageUrl',
  altText: 'imageAltText',
};

/** Where in the file stands what the shop's own rules refused of a product: they speak of fields, people look at cells. */
export function problemOf(
  refusal: Refusal,
  { product, first, variantRows, imageRows }: ReadProduct,
  header: Header,
): ImportProblem {
  const [list = '', index = '', part = '', nth = ''] = refusal.field ?? [];
  const at = Number(index);
  const place = (row: Row, column: ColumnName | null): ImportProblem => {
    const { column: number, name } = column === null ? { column: null, name: '' } : header.placeOf(column);
    return { line: row.line, column: number, message: name === '' ? refusal.message : `${name}: ${refusal.message}` };
  };
  if (list === 'variants' && index !== '') {
    return place(
      variantRows[at] ?? first,
      part === 'optionValues' ? valueColumn(nth) : (COLUMN_OF_FIELD[part] ?? null),
    );
  }
  if (list === 'images' && index !== '') return place(imageRows[at] ?? first, COLUMN_OF_FIELD[part] ?? 'imageUrl');
  if (list === 'options' && index !== '') {
    if (part !== 'values') return place(first, nameColumn(index));
    const bad = product.variants.findIndex(
      ({ optionValues }) => optionValues[at] === valuesOf(product, at)[Number(nth)],
    );
    return place(variantRows[bad] ?? first, valueColumn(index));
  }
  return place(first, COLUMN_OF_FIELD[list] ?? null);
}

/** An option's values, in the order in which the file's rows name them. */
function valuesOf(product: ReadProduct['product'], option: number): string[] {
  return [...new Set(product.variants.map(({ optionValues }) => optionValues[option] ?? ''))];
}

const nameColumn = (option: string): ColumnName =>
  (['option1Name', 'option2Name', 'option3Name'] as const)[Number(option)] ?? 'option1Name';
const valueColumn = (option: string): ColumnName =>
  (['option1Value', 'option2Value', 'option3Value'] as const)[Number(option)] ?? 'option1Value';
