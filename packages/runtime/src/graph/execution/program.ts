/**
 * A selection made ready to run: of each object type which fields in which order, of each field its resolver, its arguments and how its value
 * is completed. What graphql-js finds out anew for every object of every answer is found out once, on first use.
 *
 * graphql-js is the law: answers, errors, their order and the calls of resolvers are the same (tests/execution/ compares them).
 */
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql';
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js';
import type { Shape } from './complete.ts';
import { type Field, fieldOf } from './field.ts';
import type { Run } from './run.ts';
import { oneByOne, shapeOfFields } from './shape.ts';

export interface Origin {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Record<string, FragmentDefinitionNode>;
}

/** Of all programs of a process: a hostile document may have more places than characters. */
export interface Room {
  /** False when there is none for so many fields more. */
  take(fields: number): boolean;
  /** Objects of a type at one place that are answered before code is written for it: what is asked once is not worth it. */
  readonly runsBeforeCode?: number;
}

export interface Program {
  run(run: Run): unknown;
}

/** `conditions`: the variables that @skip and @include name, with their values for whoever runs this program. */
export function programOf(origin: Origin, conditions: Record<string, unknown>, room: Room): Program {
  const { schema, operation, fragments } = origin;
  const rootType = schema.getRootType(operation.operation);
  if (rootType == null) throw new Error(`The schema has no ${operation.operation}.`);
  const fieldsOf = (type: GraphQLObjectType, selected: ReadonlyMap<string, readonly FieldNode[]>): Field[] =>
    [...selected].flatMap(([name, nodes]) => {
      const definition = definitionOf(schema, type, nodes[0]?.name.value);
      return definition === undefined ? [] : [fieldOf({ name, parentType: type, definition, nodes, origin, shapeOf })];
    });
  const shapeOf = (type: GraphQLObjectType, nodes: readonly FieldNode[]): Shape => {
    const fields = fieldsOf(type, collectSubfields(schema, fragments, conditions, type, nodes));
    return shapeOfFields(fields, room.take(fields.length), room.runsBeforeCode);
  };
  const root = fieldsOf(rootType, collectFields(schema, fragments, conditions, rootType, operation.selectionSet));
  const isKept = room.take(root.length);
  if (operation.operation === 'mutation') return { run: (run) => oneByOne(root, run) };
  const shape = shapeOfFields(root, isKept, room.runsBeforeCode);
  return { run: (run) => shape.run(run, run.rootValue, undefined) };
}

function definitionOf(
  schema: GraphQLSchema,
  parentType: GraphQLObjectType,
  name: string | undefined,
): GraphQLField<unknown, unknown> | undefined {
  if (name === undefined) return undefined;
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  if (schema.getQueryType() === parentType) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  return parentType.getFields()[name];
}
