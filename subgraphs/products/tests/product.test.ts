import { newEvent } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { expect, test } from '@jest/globals';
import { newProduct } from '../src/domain/new-product.ts';
import { priceRangeOf, stateOf, titleForSale } from '../src/domain/product.ts';
import { published, withdrawn } from '../src/domain/status.ts';

const now = new Date('2026-11-23T16:20:00Z');
const later = new Date('2026-11-24T16:20:00Z');
const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const { product } = newProduct(
  {
    title: 'Lamp',
    options: [
      { name: 'Size', values: ['S', 'M'] },
      { name: 'Colour', values: ['Red'] },
    ],
    variants: [
      { sku: 'A', optionValues: ['S', 'Red'], price: EUR(300) },
      { sku: 'B', optionValues: ['M', 'Red'], price: EUR(100), compareAtPrice: EUR(150) },
    ],
  },
  { now, newId },
);

test('a line names the variant unless there is only one', () => {
  expect(titleForSale('Lamp', ['M', 'Red'], 2)).toBe('Lamp – M / Red');
  expect(titleForSale('Lamp', ['M', 'Red'], 1)).toBe('Lamp');
  expect(titleForSale('Lamp', [], 1)).toBe('Lamp');
});

test('the price range goes from the cheapest to the dearest', () => {
  expect(priceRangeOf(product)).toEqual({ min: EUR(100), max: EUR(300) });
});

test('its whole state is what the catalogue of events says', () => {
  const { payload } = newEvent('product.changed', stateOf(product), { correlationId: 'c', causationId: null }, now);
  expect(payload.variants[1]).toMatchObject({
    title: 'M / Red',
    selectedOptions: [
      { name: 'Size', value: 'M' },
      { name: 'Colour', value: 'Red' },
    ],
    price: EUR(100),
    compareAtPrice: EUR(150),
  });
});

test('DRAFT → PUBLISHED → WITHDRAWN → PUBLISHED, and the first publication stays', () => {
  const first = published(product, now);
  expect(first).toMatchObject({ status: 'PUBLISHED', publishedAt: now.toISOString() });
  const gone = withdrawn(first, later);
  expect(gone).toMatchObject({ status: 'WITHDRAWN', publishedAt: now.toISOString(), withdrawnAt: later.toISOString() });
  expect(published(gone, later)).toMatchObject({
    status: 'PUBLISHED',
    publishedAt: now.toISOString(),
    withdrawnAt: null,
  });
});

test('asking for the status that it has changes nothing; a draft cannot be withdrawn', () => {
  const first = published(product, now);
  const gone = withdrawn(first, now);
  expect(published(first, later)).toBe(first);
  expect(withdrawn(gone, later)).toBe(gone);
  expect(() => withdrawn(product, now)).toThrow(expect.objectContaining({ code: 'NOT_PUBLISHED' }));
});
