import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { collection, documentsOf, openStage, product, type Stage, titlesOf } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const kitchen = collection('Kitchen & Table');
const mug = product({
  title: 'Stillwater Stoneware Mug',
  vendor: 'Kiln & Coast',
  productType: 'Mugs',
  sku: 'MUG-BLUE-320',
  tags: ['handmade'],
  collections: [kitchen],
  choices: { Colour: ['Slate', 'Oat'] },
  descriptionHtml: '<p>Thrown by hand &amp; glazed twice. <b>Holds</b> 320 ml of tea.</p>',
  stars: [5, 4],
  amountMinor: 2_600,
});
const lamp = product({ title: 'Driftwood Desk Lamp', vendor: 'Oblique Studio', productType: 'Lamps' });

describe('the service', () => {
  test('answers the storefront with all that a page of results shows', async () => {
    await stage.fill([mug, lamp]);
    const found = await stage.search('stoneware mug');
    expect(found).toMatchObject({
      totalCount: 1,
      didYouMean: null,
      pageInfo: { hasNextPage: false, hasPreviousPage: false, endCursor: expect.any(String) },
    });
    expect(found.edges[0]).toEqual({
      cursor: expect.any(String),
      score: expect.any(Number),
      highlights: [
        { field: 'title', fragments: ['Stillwater <em>Stoneware</em> <em>Mug</em>'] },
        { field: 'productType', fragments: ['<em>Mugs</em>'] },
      ],
      node: {
        __typename: 'Product',
        id: mug.productId,
        slug: mug.slug,
        title: mug.title,
        vendor: 'Kiln & Coast',
        availability: 'IN_STOCK',
        priceRange: mug.priceRange,
        featuredImage: mug.images[0],
        rating: { average: 4.5, count: 2 },
      },
    });
    const facet = (field: string) => found.facets.find((one) => one.field === field);
    expect(facet('vendor')).toEqual({
      field: 'vendor',
      label: 'Brand',
      min: null,
      max: null,
      values: [{ value: 'kiln & coast', label: 'Kiln & Coast', count: 1, selected: false }],
    });
    expect(facet('collection')?.values).toEqual([
      { value: 'kitchen-table', label: 'Kitchen & Table', count: 1, selected: false },
    ]);
    expect(facet('option.Colour')?.values.map(({ label, count }) => [label, count])).toEqual([
      ['Oat', 1],
      ['Slate', 1],
    ]);
    expect(facet('price')).toMatchObject({ min: 2_600, max: 2_600, values: [] });
    expect(facet('rating')?.values.map(({ value, count }) => [value, count])).toEqual([
      ['4', 1],
      ['3', 1],
      ['2', 1],
      ['1', 1],
    ]);
  });

  test('suggests queries and products while one types', async () => {
    const { queries, products } = await stage.suggest('stillw');
    expect(products.map(({ title }) => title)).toEqual([mug.title]);
    expect(queries).toEqual([mug.title]);
    expect((await stage.suggest('mug')).queries).toEqual(['Mugs', mug.title]);
    expect(await stage.suggest('  ')).toEqual({ queries: [], products: [] });
  });

  test('gives everything for nothing, and finds by number, with slips, and in other words', async () => {
    expect((await stage.search('')).totalCount).toBe(2);
    expect(titlesOf(await stage.search('mug-blue-320'))).toEqual([mug.title]);
    expect(titlesOf(await stage.search('stonware'))).toEqual([mug.title]);
    expect(titlesOf(await stage.search('cup'))).toEqual([mug.title]);
    expect((await stage.search('stonware')).didYouMean).toBe('stoneware');
  });

  test('keeps nothing of what is withdrawn but its version, and it stays away when an older event comes again', async () => {
    const gone = product({ title: 'Withdrawn Kettle' });
    await stage.fill([gone]);
    expect((await stage.search('kettle')).totalCount).toBe(1);
    await stage.fill([{ ...gone, version: gone.version + 10, status: 'WITHDRAWN' }]);
    await stage.publish({ ...gone, version: gone.version + 5 }, gone);
    const after = product({ title: 'Kettle Stand' });
    await stage.fill([after]);
    expect((await documentsOf(stage)).get(gone.productId)?.source).toEqual({
      id: gone.productId,
      version: gone.version + 10,
      onSale: false,
    });
    await stage.fill([{ ...gone, version: gone.version + 20, title: 'Returned Kettle' }]);
    expect((await stage.search('returned kettle')).totalCount).toBe(1);
    expect(await stage.ready()).toBe(200);
  });
});
