import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ROOT } from '../repo/paths.ts';

const LATEST_DAY = '2026-11-20';
const FIELDS = ['author', 'body', 'postedAt', 'product', 'stars', 'title'];
/** Parts of all reviews, as the shop's own mean of about 4.2 has them: at least and at most. */
const SHARES = { 5: [0.5, 0.6], 4: [0.2, 0.28], 3: [0.08, 0.14], 2: [0.04, 0.08], 1: [0.03, 0.06] } as const;
const MARKUP = /[<>{}`]|&#?\w+;|\]\(|\*\*|__|https?:|www\.|\p{Cc}/u;

interface Review {
  readonly product: string;
  readonly stars: 1 | 2 | 3 | 4 | 5;
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly postedAt: string;
}

interface Described {
  readonly slug: string;
  readonly description: string;
}

/** One record of a CSV file a row: quoted cells may hold commas, line breaks and doubled quotes. */
function rowsOf(csv: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, cell = '', end] of csv.matchAll(/("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/g)) {
    rows.at(-1)?.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end !== ',') rows.push([]);
  }
  return rows;
}

function describedIn(csv: string): Described[] {
  const [head = [], ...rows] = rowsOf(csv.replace(/^\uFEFF/, ''));
  const slugAt = head.indexOf('Handle');
  const bodyAt = head.indexOf('Body (HTML)');
  return rows.flatMap((row) => {
    const slug = row[slugAt] ?? '';
    return slug === '' ? [] : [{ slug, description: row[bodyAt] ?? '' }];
  });
}

const plain = (html: string) =>
  html
    .replace(/<[^>]*>/g, '\n')
    .replaceAll('&nbsp;', ' ')
    .replace(/&(amp|quot|#39|lt|gt);/g, "'");

/** What is compared: words in lower case without punctuation, so that neither a capital nor a dash makes a sentence new. */
const sentencesOf = (text: string) =>
  text
    .split(/(?<=[.!?…:])\s+|\n+/u)
    .map((sentence) =>
      sentence
        .normalize('NFKC')
        .toLowerCase()
        .replace(/['’]/g, '')
        .replace(/[^\p{L}\p{N}]+/gu, ' ')
        .trim(),
    )
    .filter((sentence) => sentence !== '');

const catalogue = join(ROOT, 'seed', 'catalogue');
const products = readdirSync(catalogue)
  .filter((file) => file.endsWith('.csv'))
  .flatMap((file) => describedIn(readFileSync(join(catalogue, file), 'utf8')));
const slugs = new Set(products.map(({ slug }) => slug));
const lines = readFileSync(join(ROOT, 'seed', 'reviews.ndjson'), 'utf8')
  .trimEnd()
  .split('\n');
const reviews = lines.map((line) => JSON.parse(line) as Review);
const named = ({ product, author }: Review) => `${product} by ${author}`;
const offenders = (wrong: (review: Review) => boolean) => reviews.filter(wrong).map(named);

describe('the reviews of the catalogue', () => {
  test('are at least 800, each complete and within what a review may hold', () => {
    expect(reviews.length).toBeGreaterThanOrEqual(800);
    expect(offenders((review) => Object.keys(review).sort().join() !== FIELDS.join())).toEqual([]);
    expect(offenders(({ stars }) => ![1, 2, 3, 4, 5].includes(stars))).toEqual([]);
    expect(offenders(({ title }) => title.trim() !== title || title.length < 1 || title.length > 120)).toEqual([]);
    expect(offenders(({ body }) => body.trim() !== body || body.length < 1 || body.length > 5000)).toEqual([]);
    expect(offenders(({ author }) => author.trim() !== author || author.length < 1 || author.length > 60)).toEqual([]);
  });

  test('are about products of the catalogue, and nobody reviews one twice', () => {
    expect(slugs.size).toBeGreaterThanOrEqual(160);
    expect(offenders(({ product }) => !slugs.has(product))).toEqual([]);
    expect(new Set(reviews.map(named)).size).toBe(reviews.length);
  });

  test('are text without markup', () => {
    expect(
      offenders(({ title, body, author }) =>
        [title, body.replaceAll('\n', ' '), author].some((one) => MARKUP.test(one)),
      ),
    ).toEqual([]);
  });

  test('share no sentence with one another, nor with a description', () => {
    const firstSeen = new Map<string, string>();
    for (const { slug, description } of products)
      for (const sentence of sentencesOf(plain(description))) firstSeen.set(sentence, slug);
    const shared: string[] = [];
    for (const review of reviews)
      for (const sentence of [...sentencesOf(review.title), ...sentencesOf(review.body)]) {
        const seenIn = firstSeen.get(sentence);
        if (seenIn !== undefined) shared.push(`"${sentence}": ${named(review)}, ${seenIn}`);
        firstSeen.set(sentence, named(review));
      }
    expect(shared).toEqual([]);
  });

  test('were posted in the life of the shop, in order of product and time', () => {
    expect(offenders(({ postedAt }) => !/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(postedAt))).toEqual([]);
    expect(offenders(({ postedAt }) => new Date(postedAt).toISOString().replace('.000Z', 'Z') !== postedAt)).toEqual(
      [],
    );
    expect(offenders(({ postedAt }) => postedAt < '2025-09-01' || postedAt.slice(0, 10) > LATEST_DAY)).toEqual([]);
    const keys = reviews.map(({ product, postedAt }) => `${product} ${postedAt}`);
    expect(keys).toEqual([...keys].sort());
  });
});

describe('their stars', () => {
  test.each([1, 2, 3, 4, 5] as const)('%i: as many as in a shop that people like', (stars) => {
    const share = reviews.filter((review) => review.stars === stars).length / reviews.length;
    const [least, most] = SHARES[stars];
    expect(share).toBeGreaterThanOrEqual(least);
    expect(share).toBeLessThanOrEqual(most);
  });

  test('are spread unevenly: some products have many reviews, a few have none, some are disputed', () => {
    const starsBySlug = Map.groupBy(reviews, ({ product }) => product);
    const counts = [...slugs].map((slug) => starsBySlug.get(slug)?.length ?? 0);
    expect(Math.max(...counts)).toBeGreaterThanOrEqual(12);
    expect(Math.max(...counts)).toBeLessThanOrEqual(16);
    const without = counts.filter((count) => count === 0).length;
    expect(without).toBeGreaterThanOrEqual(8);
    expect(without).toBeLessThanOrEqual(12);
    const means = [...starsBySlug.values()].map((own) => own.reduce((sum, { stars }) => sum + stars, 0) / own.length);
    expect(means.filter((mean) => mean >= 4.8).length).toBeGreaterThanOrEqual(10);
    expect(means.filter((mean) => mean <= 3.5).length).toBeGreaterThanOrEqual(10);
  });
});
