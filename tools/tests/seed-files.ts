import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { ROOT } from '../repo/paths.ts';

export const SEED = join(ROOT, 'seed');

export interface SeedVariant {
  readonly sku: string;
  readonly values: readonly string[];
  readonly price: number;
  readonly compareAt: number | null;
  readonly quantity: number;
  readonly barcode: string;
  readonly picture: string;
}

export interface SeedProduct {
  readonly slug: string;
  readonly currency: string;
  readonly title: string;
  readonly html: string;
  readonly vendor: string;
  readonly type: string;
  readonly tags: readonly string[];
  readonly collection: string;
  readonly options: readonly string[];
  readonly variants: readonly SeedVariant[];
  readonly pictures: readonly { readonly src: string; readonly position: number; readonly alt: string }[];
}

export interface SeedCollection {
  readonly slug: string;
  readonly title: string;
  readonly description: string;
  readonly handles?: readonly string[];
  readonly rule?: {
    readonly tag?: string;
    readonly productType?: string;
    readonly vendor?: string;
    readonly maxPrice?: { readonly amountMinor: number; readonly currency: string };
  };
}

type Row = Readonly<Record<string, string>>;
const ORDINALS = [1, 2, 3];
const given = (texts: readonly (string | undefined)[]): string[] =>
  texts.filter((text) => text !== undefined && text !== '') as string[];
const json = <Shape>(file: string): Shape => JSON.parse(readFileSync(join(SEED, file), 'utf8')) as Shape;

const variantOf = (row: Row): SeedVariant => ({
  sku: row['Variant SKU'] ?? '',
  values: given(ORDINALS.map((ordinal) => row[`Option${ordinal} Value`])),
  price: Number(row['Variant Price']),
  compareAt: row['Variant Compare At Price'] === '' ? null : Number(row['Variant Compare At Price']),
  quantity: Number(row['Variant Inventory Qty']),
  barcode: row['Variant Barcode'] ?? '',
  picture: row['Variant Image'] ?? '',
});

const productOf = (slug: string, currency: string, rows: readonly Row[]): SeedProduct => {
  const [first = {}] = rows;
  return {
    slug,
    currency,
    title: first.Title ?? '',
    html: first['Body (HTML)'] ?? '',
    vendor: first.Vendor ?? '',
    type: first.Type ?? '',
    tags: (first.Tags ?? '').split(', '),
    collection: first.Collection ?? '',
    options: given(ORDINALS.map((ordinal) => first[`Option${ordinal} Name`])),
    variants: rows.filter((row) => row['Variant SKU'] !== '').map(variantOf),
    pictures: rows
      .filter((row) => row['Image Src'] !== '')
      .map((row) => ({
        src: row['Image Src'] ?? '',
        position: Number(row['Image Position']),
        alt: row['Image Alt Text'] ?? '',
      })),
  };
};

/** Every product under seed/catalogue, in the order of the files. */
export const readProducts = (): SeedProduct[] =>
  json<{ files: { file: string; currency: string }[] }>('catalogue/index.json').files.flatMap(({ file, currency }) => {
    const rows = parse(readFileSync(join(SEED, 'catalogue', file)), { columns: true }) as Row[];
    const bySlug = Map.groupBy(rows, (row) => row.Handle ?? '');
    return [...bySlug].map(([slug, own]) => productOf(slug, currency, own));
  });

export const readCollections = (): SeedCollection[] =>
  json<{ collections: SeedCollection[] }>('collections.json').collections;

/** A lossy WebP says its size in the first bytes of its one frame. */
export const webpSize = (bytes: Buffer): string => {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 16) !== 'WEBPVP8 ') return 'no WebP';
  return `${bytes.readUInt16LE(26) & 0x3fff}x${bytes.readUInt16LE(28) & 0x3fff}`;
};
