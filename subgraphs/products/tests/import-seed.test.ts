import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@ebuy/kernel';
import { expect, test } from '@jest/globals';
import { newImported } from '../src/domain/imported-product.ts';
import { readFile } from './import-file.ts';

const CATALOGUE = join(import.meta.dirname, '..', '..', '..', 'seed', 'catalogue');
const { files } = JSON.parse(readFileSync(join(CATALOGUE, 'index.json'), 'utf8')) as {
  files: { file: string; currency: string }[];
};
const now = new Date('2026-11-23T20:00:00.000Z');

test.each(files)('the seed’s $file goes in whole, as it is', async ({ file, currency }) => {
  const { products, problems } = await readFile(readFileSync(join(CATALOGUE, file)), { currency });
  expect(problems).toEqual([]);
  expect(products.length).toBeGreaterThan(0);
  for (const product of products) {
    const made = newImported(product, { now, newId, publish: true });
    expect(made).toMatchObject({ slug: product.slug, status: 'PUBLISHED', currency });
    expect(made.images.every(({ width, height }) => width !== null && height !== null)).toBe(true);
  }
});
