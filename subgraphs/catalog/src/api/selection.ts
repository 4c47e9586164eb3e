import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLResolveInfo,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { Extent } from '../store/product-reads.ts';

/** What is answered from a card: read of the schema's fields, not of the document's. */
const CARD_FIELDS: ReadonlySet<string> = new Set([
  '__typename',
  'id',
  'slug',
  'title',
  'vendor',
  'productType',
  'tags',
  'availability',
  'priceRange',
  'featuredImage',
  'rating',
  'collections',
  'createdAt',
  'updatedAt',
  'withdrawnAt',
]);

type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/** A document is parsed once and asked many times. */
const known = new WeakMap<FieldNode, Map<string, Extent>>();

/**
 * How much of each product a field is asked for. `path` leads from the field to the products: none when it is they themselves,
 * `nodes` and `edges.node` in a connection.
 */
export function extentOf({ fieldNodes, fragments }: GraphQLResolveInfo, ...paths: readonly string[]): Extent {
  const isCard = fieldNodes.every((node) => {
    const extents = known.get(node) ?? new Map<string, Extent>();
    known.set(node, extents);
    const key = paths.join(' ');
    const extent = extents.get(key) ?? (isCardAlone(node, fragments, paths) ? 'card' : 'whole');
    extents.set(key, extent);
    return extent === 'card';
  });
  return isCard ? 'card' : 'whole';
}

function isCardAlone(field: FieldNode, fragments: Fragments, paths: readonly string[]): boolean {
  if (paths.length === 0)
    return fieldsOf(field.selectionSet, fragments).every(({ name }) => CARD_FIELDS.has(name.value));
  return paths.every((path) => {
    const [step, ...rest] = path.split('.');
    return fieldsOf(field.selectionSet, fragments)
      .filter(({ name }) => name.value === step)
      .every((next) => isCardAlone(next, fragments, rest.length === 0 ? [] : [rest.join('.')]));
  });
}

/** With those of its fragments, whatever their conditions: asking for more than is shown does no harm. */
function fieldsOf(selections: SelectionSetNode | undefined, fragments: Fragments): FieldNode[] {
  return (selections?.selections ?? []).flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsOf(selection.selectionSet, fragments);
    return fieldsOf(fragments[selection.name.value]?.selectionSet, fragments);
  });
}
