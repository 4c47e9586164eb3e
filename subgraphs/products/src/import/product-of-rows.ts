import { isSlug, slugOf } from '@ebuy/kernel';
import type { ImportedImage, ImportedProduct, ImportedVariant } from '../domain/imported-product.ts';
import { MAX_ON_HAND } from '../domain/variants.ts';
import type { ColumnName, Header } from './header.ts';
import { priceIn, shown } from './price.ts';
import type { ImportProblem } from './problem.ts';
import type { ProductRows } from './product-rows.ts';
import type { Row } from './rows.ts';

const OPTION_NAMES = ['option1Name', 'option2Name', 'option3Name'] as const;
const OPTION_VALUES = ['option1Value', 'option2Value', 'option3Value'] as const;
/** How Shopify writes that a product has no options. */
const NO_OPTION = { name: 'Title', value: 'Default Title' } as const;
const STATUSES = ['active', 'draft', 'archived', 'unlisted'];

/** What the rows of a product say, and the rows that its variants and images stand in, so that a refusal finds its cell. */
export interface ReadProduct {
  readonly product: ImportedProduct;
  readonly first: Row;
  readonly variantRows: readonly Row[];
  readonly imageRows: readonly Row[];
}

/** Reads one product of its rows. Everything that can be said of single cells is said at once. */
export function productOfRows(
  { handle, rows }: ProductRows,
  header: Header,
  currency: string,
): { readonly read: ReadProduct | null; readonly problems: readonly ImportProblem[] } {
  const [first] = rows;
  if (first === undefined) return { read: null, problems: [] };
  const reader = new Reader(header, currency);
  const title = reader.titleOf(rows, first);
  const optionNames = reader.optionNamesOf(rows, first);
  const variantRows = rows.filter((row, index) => index === 0 || reader.hasVariant(row));
  const images = reader.imagesOf(rows);
  const product: ImportedProduct = {
    slug: handle,
    title,
    ...reader.given('descriptionHtml', 'description', first),
    ...reader.given('vendor', 'vendor', first),
    ...reader.given('productType', 'type', first),
    ...(header.has('tags') ? { tags: listOf(header.cell(first.cells, 'tags')) } : {}),
    collections: reader.collectionsOf(rows),
    optionNames,
    variants: variantRows.map((row) => reader.variantOf(row, optionNames)),
    images: images.map(({ image }) => image),
    mayBeOnSale: reader.mayBeOnSale(first),
  };
  const read = { product, first, variantRows, imageRows: images.map(({ row }) => row) };
  return { read, problems: reader.problems };
}

class Reader {
  readonly problems: ImportProblem[] = [];
  readonly #header: Header;
  readonly #currency: string;

  constructor(header: Header, currency: string) {
    this.#header = header;
    this.#currency = currency;
  }

  /** A field of the product; nothing where the file has no such column, so that it stays as it is. */
  given<Field extends string>(field: Field, column: ColumnName, row: Row): { readonly [Name in Field]?: string } {
    return this.#header.has(column) ? ({ [field]: this.#cell(row, column) } as { [Name in Field]: string }) : {};
  }

  titleOf(rows: readonly Row[], first: Row): string {
    const title = this.#cell(first, 'title');
    if (title === '') this.#refuse(first, 'title', 'is empty. The first row of a product has its title.');
    for (const row of rows.slice(1)) {
      const other = this.#cell(row, 'title');
      if (other !== '' && other !== title) {
        this.#refuse(
          row,
          'title',
          `${shown(other)} is another title than at line ${first.line}, under the same handle.`,
        );
      }
    }
    return title;
  }

  optionNamesOf(rows: readonly Row[], first: Row): string[] {
    const names = OPTION_NAMES.map((column) => this.#cell(first, column));
    for (const row of rows.slice(1)) {
      for (const [index, column] of OPTION_NAMES.entries()) {
        const other = this.#cell(row, column);
        if (other !== '' && other !== names[index]) {
          this.#refuse(row, column, `${shown(other)} is another option than at line ${first.line}.`);
        }
      }
    }
    const gap = names.findIndex((name, index) => name !== '' && names[index - 1] === '');
    if (gap >= 0) this.#refuse(first, OPTION_NAMES[gap] ?? 'option1Name', 'an option before this one is missing.');
    if (names[0] === NO_OPTION.name && rows.every((row) => this.#isDefault(row))) return [];
    const last = names.findLastIndex((name) => name !== '');
    return names.slice(0, last + 1);
  }

  hasVariant(row: Row): boolean {
    return [...OPTION_VALUES, 'sku', 'price', 'quantity'].some(
      (column) => this.#cell(row, column as ColumnName) !== '',
    );
  }

  variantOf(row: Row, options: readonly string[]): ImportedVariant {
    const optionValues = OPTION_VALUES.slice(0, options.length).map((column, index) => {
      const value = this.#cell(row, column);
      if (value === '' && options[index] !== '')
        this.#refuse(row, column, 'is empty. A variant has a value of each option.');
      return value;
    });
    for (const column of OPTION_VALUES.slice(options.length)) {
      const value = this.#cell(row, column);
      if (value === '' || (options.length === 0 && value === NO_OPTION.value)) continue;
      this.#refuse(row, column, `${shown(value)} is a value of an option that the product’s first row does not name.`);
    }
    const price = this.#cell(row, 'price');
    if (price === '') this.#refuse(row, 'price', 'is empty. Each variant has a price.');
    return {
      sku: this.#cell(row, 'sku') || null,
      optionValues,
      price: this.#priceOf(row, 'price') ?? { amountMinor: 0, currency: this.#currency },
      ...this.#compareAtPriceOf(row),
      quantity: this.#quantityOf(row),
    };
  }

  /** In the order of their positions, those without one last; a variant's own picture is one of the product's. Each address once. */
  imagesOf(rows: readonly Row[]): { readonly image: ImportedImage; readonly row: Row }[] {
    const placed = rows.flatMap((row) => {
      const url = this.#cell(row, 'imageUrl');
      const altText = this.#header.has('imageAltText') ? { altText: this.#cell(row, 'imageAltText') } : {};
      const position = this.#positionOf(row);
      return url === '' ? [] : [{ image: { url, ...altText }, row, position }];
    });
    const ofVariants = rows.flatMap((row) => {
      const url = this.#cell(row, 'variantImage');
      return url === '' ? [] : [{ image: { url }, row, position: Number.MAX_SAFE_INTEGER }];
    });
    const urls = new Set<string>();
    return [...placed, ...ofVariants]
      .sort((one, other) => one.position - other.position)
      .filter(({ image }) => !urls.has(image.url) && urls.add(image.url));
  }

  collectionsOf(rows: readonly Row[]): string[] {
    const slugs = rows.flatMap((row) => {
      const name = this.#cell(row, 'collection');
      if (name === '') return [];
      const slug = isSlug(name) ? name : slugOf(name, '');
      if (slug === '') this.#refuse(row, 'collection', `${shown(name)} gives no slug: write the collection’s own.`);
      return slug === '' ? [] : [slug];
    });
    return [...new Set(slugs)];
  }

  mayBeOnSale(first: Row): boolean {
    const status = this.#cell(first, 'status').toLowerCase();
    if (status !== '' && !STATUSES.includes(status)) {
      this.#refuse(first, 'status', `${shown(status)} is none of ${STATUSES.join(', ')}.`);
    }
    const published = this.#cell(first, 'published').toLowerCase();
    if (!['', 'true', 'false'].includes(published)) {
      this.#refuse(first, 'published', `${shown(published)} is neither TRUE nor FALSE.`);
    }
    return (status === '' || status === 'active') && published !== 'false';
  }

  #isDefault(row: Row): boolean {
    const value = this.#cell(row, 'option1Value');
    return value === '' || value === NO_OPTION.value;
  }

  #priceOf(row: Row, column: ColumnName) {
    const text = this.#cell(row, column);
    if (text === '') return null;
    const price = priceIn(text, this.#currency);
    if (typeof price !== 'string') return price;
    this.#refuse(row, column, price);
    return null;
  }

  /** Zero is how some exports write that there is none. */
  #compareAtPriceOf(row: Row): Pick<ImportedVariant, 'compareAtPrice'> {
    if (!this.#header.has('compareAtPrice')) return {};
    const price = this.#priceOf(row, 'compareAtPrice');
    return { compareAtPrice: price === null || price.amountMinor === 0 ? null : price };
  }

  #quantityOf(row: Row): number | null {
    const text = this.#cell(row, 'quantity');
    if (text === '') return null;
    if (/^\d{1,10}$/.test(text) && Number(text) <= MAX_ON_HAND) return Number(text);
    this.#refuse(row, 'quantity', `${shown(text)} is no number of units: 0 to ${MAX_ON_HAND}, digits only.`);
    return null;
  }

  #positionOf(row: Row): number {
    const text = this.#cell(row, 'imagePosition');
    if (text === '') return Number.MAX_SAFE_INTEGER - 1;
    if (!/^\d{1,6}$/.test(text)) this.#refuse(row, 'imagePosition', `${shown(text)} is no position: 1, 2, 3, …`);
    return Number(text) || 0;
  }

  #cell(row: Row, column: ColumnName): string {
    return this.#header.cell(row.cells, column);
  }

  #refuse({ line }: Row, of: ColumnName, message: string): void {
    const { column, name } = this.#header.placeOf(of);
    this.problems.push({ line, column, message: `${name}: ${message}` });
  }
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}
