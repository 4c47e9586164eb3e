// Puts something on sale for one scenario, and looks at its stock.
import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import type { Money, StaffVariant, Stock } from '@ebuy/tools/demo/shapes.ts';
import type { Merchandiser } from '@ebuy/tools/demo/staff.ts';
import type { Visitor } from '@ebuy/tools/demo/visitor.ts';

export interface Sold {
  readonly productId: string;
  readonly slug: string;
  readonly title: string;
  readonly variantId: string;
  readonly sku: string;
  readonly price: Money;
}

/** A published product with one variant. Its title is its own unless it is given: a search for it finds it, whatever else was sold before. */
export async function sell(
  staff: Merchandiser,
  { onHand = 100, price = { amountMinor: 1_999, currency: 'EUR' }, title = `Scenario lamp ${newId().slice(-12)}` } = {},
): Promise<Sold> {
  const product = await put(staff, title, [{ sku: skuOf(), price, onHand }]);
  return product[0]!;
}

/** A published product with several variants, all in stock. */
export async function sellMany(staff: Merchandiser, count: number, price: Money, onHand = 1_000): Promise<Sold[]> {
  const sizes = Array.from({ length: count }, (_, index) => `size ${index + 1}`);
  return put(
    staff,
    'Scenario shelf',
    sizes.map((size) => ({ sku: skuOf(), price, onHand, optionValues: [size] })),
    [{ name: 'Size', values: sizes }],
  );
}

async function put(
  staff: Merchandiser,
  title: string,
  variants: readonly { readonly sku: string; readonly price: Money; readonly onHand: number }[],
  options: readonly object[] = [],
): Promise<Sold[]> {
  const input = { title, slug: `scenario-${newId()}`, options, variants, idempotencyKey: newId() };
  const created = await staff.createProduct(input);
  if (!created.product) throw new Error(`Nothing was put on sale: ${JSON.stringify(created.userErrors)}`);
  const { id: productId } = created.product;
  const { product, userErrors } = await staff.publishProduct({ productId });
  if (!product) throw new Error(`Nothing was published: ${JSON.stringify(userErrors)}`);
  const { slug } = product;
  await untilOnThePage(staff.visitor, slug);
  return product.variants.map(({ id, sku, price }) => ({ productId, slug, title, variantId: id, sku, price }));
}

/** The catalog follows products within milliseconds; a scenario begins when shoppers can see what it sells. */
export async function untilOnThePage(visitor: Visitor, slug: string): Promise<void> {
  await eventually(async () => {
    const { product } = await visitor.get<{ product: object | null }>(
      'query OnThePage($slug: String!) { product(slug: $slug) { id } }',
      { slug },
    );
    if (product === null) throw new Error(`The catalog does not show ${slug}`);
  });
}

function skuOf(): string {
  return `SCENARIO-${newId()}`;
}

/** The levels of a variant as staff see them. */
export async function stockOf(staff: Merchandiser, { sku }: Pick<Sold, 'sku'>): Promise<Stock> {
  return (await variantOf(staff, sku)).stock;
}

async function variantOf(staff: Merchandiser, sku: string): Promise<StaffVariant> {
  const products = await staff.findProducts(sku);
  const variant = products.flatMap(({ variants }) => variants).find((one) => one.sku === sku);
  if (variant === undefined) throw new Error(`Staff see no variant ${sku}`);
  return variant;
}
