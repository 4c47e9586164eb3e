import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { type GraphQLSchema, Kind } from 'graphql';
import { merge } from './merge.ts';
import { type Rewrite, rewritesOf } from './rewrites.ts';
import type { Entity } from './run.ts';
import { typeTest } from './type-test.ts';

/** An object as the subgraph wants it named: JSON text, or null when its type is not asked about or a field it needs is missing. */
export type Represent = (entity: Entity) => string | null;

type Select = (entity: Entity) => Entity | null;

/** @param requires the fields of a fetch's representations, as planned */
export function compileRepresent(
  schema: GraphQLSchema,
  requires: readonly QueryPlanSelectionNode[],
  inputRewrites: readonly Rewrite[] | undefined,
): Represent {
  const select = compileSelect(schema, requires);
  const rewrite = rewritesOf(schema, inputRewrites);
  return (entity) => {
    const representation = select(entity);
    if (representation === null || representation.__typename === undefined) return null;
    rewrite(representation);
    return JSON.stringify(representation);
  };
}

function compileSelect(schema: GraphQLSchema, selections: readonly QueryPlanSelectionNode[]): Select {
  const parts = selections.map((selection) =>
    selection.kind === Kind.FIELD
      ? compileField(schema, selection.alias ?? selection.name, selection.selections)
      : compileFragment(schema, selection.typeCondition, selection.selections),
  );
  return (entity) => {
    const selected: Entity = {};
    for (const part of parts) if (!part(entity, selected)) return null;
    return selected;
  };
}

/** False: a field is missing. Whoever should have given it has said why already. */
type Part = (entity: Entity, into: Entity) => boolean;

function compileField(
  schema: GraphQLSchema,
  key: string,
  selections: readonly QueryPlanSelectionNode[] | undefined,
): Part {
  const select = selections === undefined ? null : compileSelect(schema, selections);
  return (entity, into) => {
    const value = Object.hasOwn(entity, key) ? entity[key] : undefined;
    if (value === undefined) return false;
    into[key] = select === null ? value : selectIn(select, value);
    return true;
  };
}

function selectIn(select: Select, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => selectIn(select, one));
  return typeof value === 'object' && value !== null ? select(value as Entity) : null;
}

function compileFragment(
  schema: GraphQLSchema,
  typeCondition: string | undefined,
  selections: readonly QueryPlanSelectionNode[],
): Part {
  const select = compileSelect(schema, selections);
  const isOfType = typeCondition === undefined ? () => true : typeTest(schema, typeCondition);
  return (entity, into) => {
    if (!isOfType(entity.__typename)) return true;
    const selected = select(entity);
    if (selected !== null) merge(into, selected);
    return true;
  };
}
