// What the subgraphs know, made from ids alone: `u-<page>-<n>` is a user, `p-<page>-<n>` a product. Two pages share nothing, so that
// requests with different variables share no fetch.
const NAMES = ['Ada', 'Grace', 'Edsger', 'Barbara', 'Donald', 'Radia', 'Tony', 'Frances'];
const CITIES = ['Zürich', 'Lisboa', 'Kraków', 'Oslo', 'Athina', 'Wien'];
const THINGS = ['lamp', 'kettle', 'chair', 'backpack', 'notebook', 'tent', 'bicycle bell', 'teapot'];
const LOOKS = ['small', 'green', 'folding', 'quiet', 'heavy', 'plain'];
const SAYINGS = [
  'Does what it should, and has done so for a year.',
  'Came on time; the colour is not the one in the picture.',
  'Would buy it again, "as new" after a winter outside.',
  'The handle came off in the first week – sent back.',
];

const pick = (list: readonly string[], n: number): string => list[n % list.length] ?? '';

interface Place {
  readonly page: number;
  readonly n: number;
}

const placeOf = (id: string): Place => {
  const [, page, n] = id.split('-').map(Number);
  return { page: page ?? 0, n: n ?? 0 };
};

export const userOf = (id: string) => {
  const { page, n } = placeOf(id);
  const name = pick(NAMES, page + n);
  return {
    __typename: 'User',
    id,
    name,
    username: `${name.toLowerCase()}${page}${n}`,
    city: pick(CITIES, page * 3 + n),
  };
};

export const productOf = (upc: string) => {
  const { page, n } = placeOf(upc);
  const name = `${pick(LOOKS, page + n)} ${pick(THINGS, page * 3 + n)}`;
  return {
    __typename: 'Product',
    upc,
    name,
    priceMinor: 500 + ((page * 37 + n * 911) % 120_000),
    weightGrams: n % 5 === 4 ? null : 100 + ((page * 53 + n * 271) % 9_000),
    description: `A ${name} for every day. ${pick(SAYINGS, page + n)} Made of what lasts, mended where it was bought, and no. ${n} of its kind.`,
    tags: [pick(LOOKS, n), pick(THINGS, n), `page ${page}`],
    maker: n % 7 === 6 ? null : { name: `${pick(NAMES, n)} & ${pick(NAMES, page)}`, country: pick(CITIES, n) },
  };
};

export const productsOf = (page: number, first: number) =>
  Array.from({ length: first }, (_, n) => productOf(`p-${page}-${n}`));

export const stockOf = (upc: string) => {
  const { page, n } = placeOf(upc);
  const quantity = (page + n * 3) % 11;
  return { __typename: 'Product', upc, isInStock: quantity > 0, quantity };
};

export const shippingOf = (priceMinor: number, weightGrams: number | null): number | null =>
  weightGrams === null ? null : priceMinor > 50_000 ? 0 : Math.ceil(weightGrams / 2);

const reviewOf = (page: number, product: number, n: number) => ({
  id: `r-${page}-${product}-${n}`,
  body: pick(SAYINGS, page + product + n),
  stars: 1 + ((page + product + n) % 5),
  product: { __typename: 'Product', upc: `p-${page}-${product}` },
  author: { __typename: 'User', id: `u-${page}-${(product + n) % 4}` },
});

/** Two for each product. */
export const reviewsAbout = (upc: string) => {
  const { page, n } = placeOf(upc);
  return [reviewOf(page, n, 0), reviewOf(page, n, 1)];
};

/** Three of each user. */
export const reviewsBy = (id: string) => {
  const { page, n } = placeOf(id);
  return [0, 2, 4].map((product) => reviewOf(page, product, n));
};
