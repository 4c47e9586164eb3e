// A file of five thousand lines, uploaded as staff upload it: all of it is on sale, found, and true; the same file again changes nothing.
import { newId } from '@ebuy/kernel';
import { bringIn, type ImportDoor } from '@ebuy/tools/import/bring-in.ts';
import { checksOf } from '@ebuy/tools/verify/checks.ts';
import { judge } from '@ebuy/tools/verify/judge.ts';
import { openStores, type Stores } from '@ebuy/tools/verify/stores.ts';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { asGuest, asMerchandiser, merchandiserToken, testShop } from '../client/shop.ts';
import { search } from '../client/storefront.ts';

const PRODUCTS = 1_000;
const SIZES = ['S', 'M', 'L', 'XL'];
const HEAD =
  'Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price,Image Src,Image Position,Image Alt Text';

const run = newId().slice(-12);
let stores: Stores;
let door: ImportDoor;

beforeAll(async () => {
  stores = await openStores(testShop());
  const { visitor } = await asMerchandiser();
  door = { visitor, graph: testShop().urls.graph, token: await merchandiserToken() };
});

afterAll(() => stores.close());

/** Four sizes and a second picture: five lines a product, one of them with a line break within quotes. */
function linesOf(index: number): string[] {
  const handle = `parcel-${run}-${index}`;
  const body = `"<p>Parcel number ${index}, of the run ${run}.</p>\n<ul><li>Line ${index * 7}</li></ul>"`;
  return [
    ...SIZES.map((size, place) => {
      const product =
        place === 0 ? `Parcel ${run} no. ${index},${body},Post,Parcels,"parcel, run",TRUE,Size` : ',,,,,,';
      const image = place === 0 ? `/pictures/${handle}/1-800x600.webp,1,A parcel` : ',,';
      return `${handle},${product},${size},${handle}-${size},${(index + place) % 9},${10 + (index % 90)}.50,${image}`;
    }),
    `${handle},,,,,,,,,,,,/pictures/${handle}/2-800x600.webp,2,The same parcel from behind`,
  ];
}

test('is imported, shown and found; again it changes nothing', async () => {
  const text = [HEAD, ...Array.from({ length: PRODUCTS }, (_, index) => linesOf(index)).flat()].join('\r\n');
  expect(text.split('\r\n').length).toBe(PRODUCTS * 5 + 1);
  const wish = { file: { text }, currency: 'EUR', publish: true };
  expect(await bringIn(door, wish)).toMatchObject({
    status: 'COMPLETED',
    productsCreated: PRODUCTS,
    problemCount: 0,
  });
  const judgements = await judge(checksOf(stores), { withinMs: 240_000 });
  expect(judgements.flatMap(({ verdict }) => verdict.violations)).toEqual([]);
  const { totalCount } = await search(asGuest().visitor, run, { first: 1 });
  expect(totalCount).toBe(PRODUCTS);
  expect(await bringIn(door, wish)).toMatchObject({
    status: 'COMPLETED',
    productsCreated: 0,
    productsUpdated: 0,
    productsUnchanged: PRODUCTS,
  });
}, 500_000);
