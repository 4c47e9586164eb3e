import { merchandiser, type Products } from './fixture.ts';

export interface Page {
  readonly totalCount: number;
  readonly nodes: { id: string; slug: string; title: string; withdrawnAt: string | null; updatedAt: string }[];
  readonly edges: { cursor: string }[];
  readonly pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null };
}

const PAGE = `totalCount nodes { id slug title withdrawnAt updatedAt } edges { cursor }
  pageInfo { hasNextPage hasPreviousPage endCursor }`;

export async function staffPage(
  { router }: Products,
  variables: Record<string, unknown>,
  caller = merchandiser,
): Promise<Page> {
  const { result, errors } = await router.ask<{ staffProducts: Page | null }>(
    `query($query: String, $status: ProductStatus, $first: Int!, $after: String) {
      staffProducts(query: $query, status: $status, first: $first, after: $after) { ${PAGE} } }`,
    { first: 10, ...variables },
    caller,
  );
  if (!result?.staffProducts) throw new Error(errors[0]?.extensions?.code);
  return result.staffProducts;
}

/** Every node, page after page. */
export async function allOf(read: (after: string | null) => Promise<Page>): Promise<Page['nodes']> {
  const nodes: Page['nodes'] = [];
  for (let after: string | null = null; ; ) {
    const page = await read(after);
    nodes.push(...page.nodes);
    if (!page.pageInfo.hasNextPage) return nodes;
    after = page.pageInfo.endCursor;
  }
}
