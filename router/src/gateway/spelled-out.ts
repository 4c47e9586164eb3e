import {
  type DocumentNode,
  type GraphQLSchema,
  getNamedType,
  type InlineFragmentNode,
  isAbstractType,
  isCompositeType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { fragmentsOf, neverEmpty } from '../documents.ts';

/**
 * The same operation with each fragment on an interface or a union as fragments on the objects that it can mean. Where a subgraph knows an
 * interface as an @interfaceObject, the planner fails on other interfaces and on unions, but not on objects.
 *
 * @throws Error when that is too long to plan: fragments in fragments multiply
 */
export function spellOut(document: DocumentNode, schema: GraphQLSchema): DocumentNode {
  const named = fragmentsOf(document);
  const types = new TypeInfo(schema);
  let made = 0;
  const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  return visit(
    { ...document, definitions: operations },
    visitWithTypeInfo(types, {
      FragmentSpread: {
        enter(node) {
          const { typeCondition, selectionSet } = named.get(node.name.value) ?? {};
          if (typeCondition === undefined || selectionSet === undefined) return undefined;
          const fragment = {
            kind: Kind.INLINE_FRAGMENT,
            typeCondition,
            selectionSet,
            directives: node.directives ?? [],
          } as const;
          return spelledOut(fragment, typeCondition.name.value);
        },
      },
      InlineFragment: {
        enter: (node) =>
          node.typeCondition === undefined ? undefined : spelledOut(node, node.typeCondition.name.value),
      },
      ...neverEmpty,
    }),
  );

  function spelledOut(fragment: InlineFragmentNode, condition: string): InlineFragmentNode | null {
    made += 1;
    if (made > MAX_FRAGMENTS) throw new Error('The fragments of this operation, spelled out, are too many.');
    const parent = getNamedType(types.getParentType());
    const type = schema.getType(condition);
    if (!isCompositeType(parent) || !isCompositeType(type) || parent === type) return fragment;
    const { directives = [], selectionSet } = fragment;
    const around = { kind: Kind.INLINE_FRAGMENT, directives } as const;
    const meant = objectsOf(type).filter((one) => objectsOf(parent).includes(one));
    if (meant.length === 0) return null;
    if (!isAbstractType(type)) return fragment;
    if (!isAbstractType(parent)) return { ...around, selectionSet };
    const selections = meant.map(
      (name) =>
        ({
          kind: Kind.INLINE_FRAGMENT,
          typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: name } },
          selectionSet,
        }) as const,
    );
    return { ...around, selectionSet: { kind: Kind.SELECTION_SET, selections } };
  }

  function objectsOf(type: { readonly name: string }): readonly string[] {
    const named = schema.getType(type.name);
    return isAbstractType(named) ? schema.getPossibleTypes(named).map(({ name }) => name) : [type.name];
  }
}

const MAX_FRAGMENTS = 2_000;
