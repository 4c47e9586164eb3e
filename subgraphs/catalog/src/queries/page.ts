import type { Shown } from '../domain/catalog-product.ts';
import type { Collection } from '../domain/collection.ts';
import { refuseQuery } from '../refusals.ts';

const MAX_PAGE = 100;

/** A page of a list, and how to count the whole of it for who asks. */
export interface Page<Node> {
  readonly nodes: readonly Node[];
  /** Of each node, in the same order. */
  readonly cursors: readonly string[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly count: () => Promise<number>;
}

/** @public Named by codegen.json. */
export type ProductPage = Page<Shown>;
/** @public Named by codegen.json. */
export type CollectionPage = Page<Collection>;

export function assertPageSize(first: number): void {
  if (!Number.isInteger(first) || first < 1 || first > MAX_PAGE) refuseQuery('INVALID_PAGE_SIZE');
}

/** Of one node more than was asked for, so that it is known whether more follow. Places are keys, never offsets. */
export function pageOf<Node>(
  found: readonly Node[],
  first: number,
  { cursorOf, ...rest }: Pick<Page<Node>, 'hasPreviousPage' | 'count'> & { readonly cursorOf: (node: Node) => string },
): Page<Node> {
  const nodes = found.slice(0, first);
  return { nodes, cursors: nodes.map(cursorOf), hasNextPage: found.length > first, ...rest };
}
