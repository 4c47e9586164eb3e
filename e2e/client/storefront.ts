// The storefront's own documents, sent as they are written.
import { readOperations } from '@ebuy/schema';
import { splitOperations } from '@ebuy/schema/operations';
import type { Money } from '@ebuy/tools/demo/shapes.ts';
import type { Answer, Visitor } from '@ebuy/tools/demo/visitor.ts';
import { print } from 'graphql';

const documents = new Map(
  splitOperations('storefront', readOperations('storefront')).map(({ name, document }) => [name, print(document)]),
);

export type Availability = 'IN_STOCK' | 'LOW_STOCK' | 'OUT_OF_STOCK';

export interface Card {
  readonly id: string;
  readonly slug: string;
  readonly title: string;
  readonly vendor: string | null;
  readonly availability: Availability;
  readonly priceRange: { readonly min: Money; readonly max: Money };
  readonly rating: { readonly average: number | null; readonly count: number };
}

export interface Page extends Card {
  readonly descriptionHtml: string;
  readonly variants: readonly {
    readonly id: string;
    readonly price: Money;
    readonly availability: Availability;
    readonly availableQuantity: number;
  }[];
  readonly rating: Card['rating'] & { readonly distribution: readonly { stars: number; count: number }[] };
  readonly reviews: {
    readonly nodes: readonly {
      id: string;
      stars: number;
      title: string;
      body: string;
      verifiedPurchase: boolean;
      author: { displayName: string | null };
    }[];
  } | null;
  readonly related: readonly Card[];
}

export interface Results {
  readonly totalCount: number;
  readonly didYouMean: string | null;
  readonly facets: readonly {
    readonly field: string;
    readonly values: readonly { value: string; label: string; count: number; selected: boolean }[];
  }[];
  readonly edges: readonly { readonly node: Card }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** Sends one of the storefront's operations, errors and all. */
export function send<Result>(visitor: Visitor, name: string, variables: object = {}): Promise<Answer<Result>> {
  return visitor.ask<Result>(documentOf(name), variables);
}

export async function productPage(visitor: Visitor, slug: string): Promise<Page | null> {
  return (await visitor.get<{ product: Page | null }>(documentOf('ProductPage'), { slug })).product;
}

export async function search(visitor: Visitor, query: string, more: object = {}): Promise<Results> {
  const variables = { query, first: 24, ...more };
  return (await visitor.get<{ searchProducts: Results }>(documentOf('Search'), variables)).searchProducts;
}

/** The card that a search for exactly this product shows; undefined when it does not find it. */
export async function found(
  visitor: Visitor,
  { slug, title }: { slug: string; title: string },
): Promise<Card | undefined> {
  const { edges } = await search(visitor, title, { first: 100 });
  return edges.map(({ node }) => node).find((node) => node.slug === slug);
}

function documentOf(name: string): string {
  const document = documents.get(name);
  if (document === undefined) throw new Error(`The storefront sends no ${name}`);
  return document;
}
