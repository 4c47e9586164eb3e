import { FileRefused } from './problem.ts';

/**
 * Shopify's names for the columns that are read, in lower case: as shops export them, and as its newer template calls them. Whatever else
 * an export has (weights, taxes, SEO, metafields, markets) is passed over.
 */
const NAMES = {
  handle: ['handle', 'url handle'],
  title: ['title'],
  description: ['body (html)', 'description'],
  vendor: ['vendor'],
  type: ['type', 'custom product type'],
  tags: ['tags'],
  published: ['published', 'published on online store'],
  status: ['status'],
  collection: ['collection'],
  option1Name: ['option1 name'],
  option1Value: ['option1 value'],
  option2Name: ['option2 name'],
  option2Value: ['option2 value'],
  option3Name: ['option3 name'],
  option3Value: ['option3 value'],
  sku: ['variant sku', 'sku'],
  quantity: ['variant inventory qty', 'inventory quantity'],
  price: ['variant price', 'price'],
  compareAtPrice: ['variant compare at price', 'compare-at price'],
  imageUrl: ['image src', 'product image url'],
  imagePosition: ['image position'],
  imageAltText: ['image alt text'],
  variantImage: ['variant image', 'variant image url'],
} as const;

export type ColumnName = keyof typeof NAMES;

const REQUIRED = ['handle', 'title', 'price'] as const satisfies readonly ColumnName[];
const COLUMN_OF_NAME: ReadonlyMap<string, ColumnName> = new Map(
  (Object.keys(NAMES) as ColumnName[]).flatMap((column) => NAMES[column].map((name) => [name, column] as const)),
);
const MAX_COLUMNS = 1_000;
/** Of a column's name in a message: a file may call its columns what it likes, at any length. */
const MAX_NAME_CHARACTERS = 100;

/** Where each column stands. */
export interface Header {
  /** How many cells each row has. */
  readonly width: number;
  has(column: ColumnName): boolean;
  /** The row's cell, trimmed; empty where the file has no such column. */
  cell(cells: readonly string[], column: ColumnName): string;
  /** The column's number, from 1, and the name that the file gives it. */
  placeOf(column: ColumnName): { readonly column: number | null; readonly name: string };
  /** What the file calls the column of this number. */
  nameAt(column: number): string;
}

/** @throws FileRefused for a header without the columns that every product needs, or with two for one thing */
export function readHeader(line: number, names: readonly string[]): Header {
  const places = new Map<ColumnName, number>();
  const shownNames: string[] = [];
  const refuse = (column: number | null, message: string): never => {
    throw new FileRefused({ line, column, message });
  };
  if (names.length > MAX_COLUMNS) refuse(null, `A file has at most ${MAX_COLUMNS} columns.`);
  for (const [index, name] of names.entries()) {
    const trimmed = name.trim();
    shownNames.push(trimmed.slice(0, MAX_NAME_CHARACTERS));
    const column = COLUMN_OF_NAME.get(trimmed.toLowerCase());
    if (column === undefined) continue;
    const before = places.get(column);
    if (before !== undefined) {
      refuse(index + 1, `${trimmed}: column ${before + 1} says the same (${shownNames[before]}). Keep one of them.`);
    }
    places.set(column, index);
  }
  for (const column of REQUIRED) {
    if (!places.has(column)) refuse(null, `There is no column ${NAMES[column].join(' or ')}. ${hint(names)}`);
  }
  return {
    width: names.length,
    has: (column) => places.has(column),
    cell: (cells, column) => cells[places.get(column) ?? -1]?.trim() ?? '',
    placeOf(column) {
      const index = places.get(column);
      return index === undefined
        ? { column: null, name: NAMES[column][0] }
        : { column: index + 1, name: shownNames[index] ?? '' };
    },
    nameAt: (column) => shownNames[column - 1] ?? '',
  };
}

function hint(names: readonly string[]): string {
  const [only = ''] = names;
  if (names.length === 1 && /[;\t]/.test(only)) {
    return 'Cells seem to be parted by semicolons or tabs: export the file with commas.';
  }
  return 'The first line names the columns, as in Shopify’s product export.';
}
