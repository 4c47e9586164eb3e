/**
 * Which products go with which: a function of all products on sale and of nothing else, so that every replica decides alike.
 *
 * Two products are close by what they share; among those, by how near their prices are; among those, by id. Only products that share
 * something are looked at, through an index from each trait to its products. A trait of very many products says little: of those, the
 * nearest by price are looked at, so that the work stays about the same for each product however large the shop is.
 */
export interface Relatable {
  readonly id: string;
  readonly collectionIds: readonly string[];
  readonly tags: readonly string[];
  readonly productType: string | null;
  readonly vendor: string | null;
  /** The cheapest variant's. */
  readonly price: { readonly amountMinor: number; readonly currency: string };
}

const MAX_RELATED = 12;
/** Points for each trait that two products share; for the same price, 100. */
const POINTS = { type: 400, collection: 300, tag: 200, vendor: 100 } as const;
/** On each side by price, of the products that share a trait. */
const NEIGHBOURS = 64;

interface Trait {
  readonly points: number;
  /** Positions of products, by price and then by id. */
  readonly members: number[];
}

export interface Relations {
  readonly count: number;
  readonly idAt: (position: number) => string;
  /** Ids of the products that go with the one at this position, the closest first. */
  readonly relatedAt: (position: number) => string[];
}

export function relationsAmong(relatables: readonly Relatable[]): Relations {
  const products = [...relatables].sort((one, other) => (one.id < other.id ? -1 : 1));
  const traits = traitsOf(products);
  /** Of each product: its traits, and where it stands in each. */
  const places: { trait: Trait; at: number }[][] = products.map(() => []);
  for (const trait of traits) {
    for (const [at, position] of trait.members.entries()) places[position]?.push({ trait, at });
  }
  const points = new Float64Array(products.length);
  return {
    count: products.length,
    idAt: (position) => products[position]?.id ?? '',
    relatedAt(position) {
      const product = products[position];
      if (product === undefined) return [];
      const touched: number[] = [];
      for (const { trait, at } of places[position] ?? []) {
        const end = Math.min(trait.members.length, at + NEIGHBOURS + 1);
        for (let index = Math.max(0, at - NEIGHBOURS); index < end; index += 1) {
          const other = trait.members[index];
          if (other === undefined || other === position) continue;
          if (points[other] === 0) touched.push(other);
          points[other] = (points[other] ?? 0) + trait.points;
        }
      }
      const best = closest(touched, (other) => (points[other] ?? 0) + nearness(product, products[other]));
      for (const other of touched) points[other] = 0;
      return best.map((other) => products[other]?.id ?? '');
    },
  };
}

function traitsOf(products: readonly Relatable[]): Trait[] {
  const byName = new Map<string, Trait>();
  const add = (kind: keyof typeof POINTS, name: string, position: number) => {
    const key = `${kind}/${name.normalize('NFC').trim().toLowerCase()}`;
    const trait = byName.get(key) ?? { points: POINTS[kind], members: [] };
    if (trait.members.at(-1) !== position) trait.members.push(position);
    byName.set(key, trait);
  };
  for (const [position, { collectionIds, tags, productType, vendor }] of products.entries()) {
    for (const id of collectionIds) add('collection', id, position);
    for (const tag of tags) add('tag', tag, position);
    if (productType !== null) add('type', productType, position);
    if (vendor !== null) add('vendor', vendor, position);
  }
  const byPrice = (one: number, other: number) => {
    const [left, right] = [products[one]?.price, products[other]?.price];
    if (left === undefined || right === undefined) return 0;
    if (left.currency !== right.currency) return left.currency < right.currency ? -1 : 1;
    return left.amountMinor - right.amountMinor || one - other;
  };
  for (const { members } of byName.values()) members.sort(byPrice);
  return [...byName.values()];
}

/** 100 for the same price, 50 for the half or the double, none for another currency. */
function nearness(one: Relatable, other: Relatable | undefined): number {
  if (other === undefined || one.price.currency !== other.price.currency) return 0;
  const [low, high] = [one.price.amountMinor, other.price.amountMinor].sort((left, right) => left - right) as [
    number,
    number,
  ];
  return high === 0 ? 100 : Math.round((100 * low) / high);
}

/** The best dozen, without sorting all: positions go by id, so the smaller one wins a tie. */
function closest(candidates: readonly number[], pointsOf: (position: number) => number): number[] {
  const best: { position: number; points: number }[] = [];
  const isBefore = (one: { position: number; points: number }, other: { position: number; points: number }) =>
    one.points > other.points || (one.points === other.points && one.position < other.position);
  for (const position of candidates) {
    const candidate = { position, points: pointsOf(position) };
    const last = best.at(-1);
    if (best.length === MAX_RELATED && last !== undefined && !isBefore(candidate, last)) continue;
    const at = best.findIndex((one) => isBefore(candidate, one));
    best.splice(at === -1 ? best.length : at, 0, candidate);
    best.length = Math.min(best.length, MAX_RELATED);
  }
  return best.map(({ position }) => position);
}
