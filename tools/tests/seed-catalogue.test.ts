import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readCollections, readProducts, SEED, type SeedCollection, type SeedProduct, webpSize } from './seed-files.ts';

const products = readProducts();
const collections = readCollections();
const variants = products.flatMap((product) => product.variants.map((variant) => ({ ...variant, product })));
const bySlug = new Map(products.map((product) => [product.slug, product]));

const duplicates = (texts: readonly string[]): string[] => [
  ...new Set(texts.filter((text, index) => texts.indexOf(text) !== index)),
];
const exponentOf = (currency: string): number => ({ JPY: 0, KWD: 3 })[currency] ?? 2;

const follows = (
  { tag, productType, vendor, maxPrice }: NonNullable<SeedCollection['rule']>,
  product: SeedProduct,
): boolean =>
  (tag === undefined || product.tags.includes(tag)) &&
  (productType === undefined || product.type === productType) &&
  (vendor === undefined || product.vendor === vendor) &&
  (maxPrice === undefined ||
    (product.currency === maxPrice.currency &&
      Math.min(...product.variants.map(({ price }) => price)) * 10 ** exponentOf(maxPrice.currency) <=
        maxPrice.amountMinor));

const membersOf = (collection: SeedCollection): string[] => [
  ...(collection.handles ?? []),
  ...products
    .filter(
      (product) =>
        product.collection === collection.slug || (collection.rule !== undefined && follows(collection.rule, product)),
    )
    .map(({ slug }) => slug),
];

describe('the products', () => {
  it('are at least 160, each under a slug and skus of its own', () => {
    expect(products.length).toBeGreaterThanOrEqual(160);
    expect(duplicates(products.map(({ slug }) => slug))).toEqual([]);
    expect(duplicates(products.map(({ title }) => title))).toEqual([]);
    expect(duplicates(variants.map(({ sku }) => sku))).toEqual([]);
    expect(duplicates(variants.map(({ barcode }) => barcode))).toEqual([]);
    expect(products.filter(({ slug }) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(slug))).toEqual([]);
    expect(variants.filter(({ sku }) => !/^[A-Z0-9]+(-[A-Z0-9.]+)*$/.test(sku)).map(({ sku }) => sku)).toEqual([]);
  });

  it('are sold in dollars, a few in yen and in dinars, with as many decimals as the currency has', () => {
    expect(new Set(products.map(({ currency }) => currency))).toEqual(new Set(['USD', 'JPY', 'KWD']));
    const uneven = variants.filter(
      ({ price, product }) => !Number.isInteger(Number((price * 10 ** exponentOf(product.currency)).toFixed(6))),
    );
    expect(uneven.map(({ sku }) => sku)).toEqual([]);
  });

  it('have believable prices', () => {
    const bounds: Record<string, [number, number]> = { USD: [4, 1_600], JPY: [1_000, 20_000], KWD: [1, 50] };
    const off = variants.filter(({ price, compareAt, product: { currency } }) => {
      const [least, most] = bounds[currency] ?? [0, 0];
      const dear = compareAt !== null && (compareAt <= price || compareAt > price * 1.5);
      return !(price >= least && price <= most) || dear;
    });
    expect(off.map(({ sku }) => sku)).toEqual([]);
    const reduced = products.filter((product) => product.variants.some(({ compareAt }) => compareAt !== null));
    expect(reduced.length / products.length).toBeGreaterThan(0.08);
    expect(reduced.length / products.length).toBeLessThan(0.2);
  });

  it('have believable stock: most healthy, some low, a few gone', () => {
    expect(variants.filter(({ quantity }) => !Number.isInteger(quantity) || quantity < 0 || quantity > 300)).toEqual(
      [],
    );
    const low = variants.filter(({ quantity }) => quantity >= 1 && quantity <= 5).length / variants.length;
    const gone = variants.filter(({ quantity }) => quantity === 0).length / variants.length;
    expect([low > 0.05, low < 0.15, gone > 0.005, gone < 0.05]).toEqual([true, true, true, true]);
  });

  it('have a variant for every combination of options, once', () => {
    const odd = products.filter(({ options, variants: own }) => {
      const values = options.map((_, index) => new Set(own.map((variant) => variant.values[index])));
      const combinations = new Set(own.map((variant) => variant.values.join(' / ')));
      const expected = values.reduce((count, one) => count * one.size, 1);
      return (
        combinations.size !== own.length ||
        own.length !== expected ||
        own.some((one) => one.values.length !== options.length)
      );
    });
    expect(odd.map(({ slug }) => slug)).toEqual([]);
  });
});

describe('the collections', () => {
  it('are twelve or more, at least two by rule and two by hand, and every product is in one', () => {
    expect(collections.length).toBeGreaterThanOrEqual(12);
    expect(duplicates(collections.map(({ slug }) => slug))).toEqual([]);
    expect(collections.filter(({ rule }) => rule !== undefined).length).toBeGreaterThanOrEqual(2);
    expect(collections.filter(({ handles }) => handles !== undefined).length).toBeGreaterThanOrEqual(2);
    const known = new Set(collections.map(({ slug }) => slug));
    expect(products.filter(({ collection }) => !known.has(collection)).map(({ slug }) => slug)).toEqual([]);
  });

  it.each(collections)('$slug has a title, a sentence or two, and eight members or more', (collection) => {
    const members = membersOf(collection);
    expect(members.filter((slug) => !bySlug.has(slug))).toEqual([]);
    expect(duplicates(members)).toEqual([]);
    expect(members.length).toBeGreaterThanOrEqual(8);
    expect(collection.title.length).toBeGreaterThan(3);
    expect(collection.description).toMatch(/^[A-Z].{40,300}\.$/);
  });
});

describe('the descriptions', () => {
  const wordsOf = (html: string): string[] =>
    html
      .replace(/<[^>]+>/g, ' ')
      .trim()
      .split(/\s+/);

  it('are 50 to 130 words in plain paragraphs and lists, all of which a sanitizer lets through', () => {
    const odd = products.filter(({ html }) => {
      const words = wordsOf(html).length;
      const markup = html.replace(/<\/?(?:p|ul|li)>/g, '');
      return words < 50 || words > 130 || /[<>]|&(?!amp;|lt;|gt;)/.test(markup) || html.includes('!');
    });
    expect(odd.map(({ slug }) => slug)).toEqual([]);
  });

  it('share no sentence and no line', () => {
    const owners = new Map<string, string>();
    const shared: string[] = [];
    for (const { slug, html } of products) {
      const lines = html.split(/<\/?(?:p|ul|li)>|\n/).flatMap((block) => block.split(/(?<=[.?!:;])\s+/));
      for (const line of lines) {
        const bare = line
          .toLowerCase()
          .replace(/[^\p{L}\p{N} ]/gu, '')
          .replace(/ +/g, ' ')
          .trim();
        if (bare === '') continue;
        const owner = owners.get(bare);
        if (owner !== undefined) shared.push(`${owner} and ${slug}: ${bare}`);
        owners.set(bare, slug);
      }
    }
    expect(shared).toEqual([]);
  });

  it('do not all begin alike', () => {
    const openings = Map.groupBy(products, ({ html }) => wordsOf(html).slice(0, 3).join(' ').toLowerCase());
    expect([...openings].filter(([, own]) => own.length > 2).map(([opening]) => opening)).toEqual([]);
  });
});

describe('the pictures', () => {
  const NAME = /^\/pictures\/([a-z0-9-]+)\/(\d+)-(\d+)x(\d+)\.webp$/;
  const folder = join(SEED, 'pictures');
  const pathOf = (src: string): string => join(SEED, src);

  it('are three or more for every product, numbered, with a text of their own each', () => {
    const odd = products.filter(({ slug, pictures }) => {
      const numbered = pictures.every(({ src, position }, index) => {
        const [, product, number] = NAME.exec(src) ?? [];
        return product === slug && Number(number) === index + 1 && position === index + 1;
      });
      return pictures.length < 3 || !numbered || pictures.some(({ alt }) => alt.length < 15 || alt.length > 180);
    });
    expect(odd.map(({ slug }) => slug)).toEqual([]);
    expect(duplicates(products.flatMap(({ pictures }) => pictures.map(({ alt }) => alt)))).toEqual([]);
  });

  it('are there in every width, as large as their names say', () => {
    const wrong = products.flatMap(({ pictures }) =>
      pictures.flatMap(({ src }) => {
        const [, , , width = '', height = ''] = NAME.exec(src) ?? [];
        const widths: [string, string][] = [
          [src, `${width}x${height}`],
          [src.replace('.webp', '.w640.webp'), '640x640'],
          [src.replace('.webp', '.w320.webp'), '320x320'],
        ];
        return widths.filter(
          ([file, size]) => !existsSync(pathOf(file)) || webpSize(readFileSync(pathOf(file))) !== size,
        );
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('differ, the first of each product above all', () => {
    const digest = (src: string): string =>
      createHash('sha256')
        .update(readFileSync(pathOf(src)))
        .digest('hex');
    expect(duplicates(products.flatMap(({ pictures }) => pictures.map(({ src }) => digest(src))))).toEqual([]);
  });

  it('of variants are pictures of their product', () => {
    const strange = variants.filter(
      ({ picture, product }) => picture !== '' && !product.pictures.some(({ src }) => src === picture),
    );
    expect(strange.map(({ sku }) => sku)).toEqual([]);
  });

  it('are all of a product in the catalogue, and stay small together', () => {
    const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).filter((name) => !bySlug.has(name))).toEqual([]);
    const bytes = folders.flatMap(({ name }) =>
      readdirSync(join(folder, name)).map((file) => statSync(join(folder, name, file)).size),
    );
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(22 * 1024 * 1024);
  });
});
