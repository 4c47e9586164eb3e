import type { Caller } from '@ebuy/runtime';
import {
  type ASTNode,
  buildASTSchema,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  parse,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { type GuardRules, type Refused, readGuardRules } from './guard-rules.ts';

/** A field that the caller may not have, at one place of the answer. */
export interface RefusedField {
  readonly path: readonly (string | number)[];
  readonly code: Refused;
}

/** An operation without what its caller may not have. */
export interface Trimmed {
  /** To be planned and executed instead: each refused field is now a `__typename` under the same response key. */
  readonly document: DocumentNode;
  /** The same for the same document and the same refusals: part of whatever key its plan is kept under. */
  readonly fingerprint: string;
  /** Empties, in place, the refused fields of the answer, and says where they were. */
  empty(answer: unknown, operationName: string | null): RefusedField[];
}

/** Trims an operation for its caller; null when nothing has to go. */
export type Guards = (document: DocumentNode, caller: Caller) => Trimmed | null;

const MAX_REPORTED = 100;

/**
 * The guards of a graph, from its full supergraph. A refused field is neither planned nor fetched, and does not run when it is a mutation; it is null in the
 * answer, with an error of its own, and its siblings are untouched.
 */
export function createGuards(supergraphSdl: string): Guards {
  const schema = buildASTSchema(parse(supergraphSdl, { noLocation: true }), {
    assumeValid: true,
    assumeValidSDL: true,
  });
  const rules = readGuardRules(schema);
  const guardedFields = new WeakMap<DocumentNode, readonly GuardedField[]>();
  return (document, caller) => {
    let guarded = guardedFields.get(document);
    if (guarded === undefined) {
      guarded = findGuardedFields(schema, document, rules);
      guardedFields.set(document, guarded);
    }
    const refused = new Map<FieldNode, Marker>();
    for (const { node, coordinate } of guarded) {
      const code = firstRefusal(rules, coordinate, caller);
      if (code !== null) refused.set(node, { typeName: coordinate.split('.')[0] ?? '', coordinate, code });
    }
    return refused.size === 0 ? null : trim(schema, document, refused);
  };
}

interface GuardedField {
  readonly node: FieldNode;
  readonly coordinate: string;
}

interface Marker {
  /** The type that the refused field is selected on. */
  readonly typeName: string;
  readonly coordinate: string;
  readonly code: Refused;
}

function findGuardedFields(schema: GraphQLSchema, document: DocumentNode, rules: GuardRules): GuardedField[] {
  const found: GuardedField[] = [];
  const typeInfo = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Field(node) {
        const coordinate = `${typeInfo.getParentType()?.name}.${node.name.value}`;
        if (rules.has(coordinate)) found.push({ node, coordinate });
      },
    }),
  );
  return found;
}

function firstRefusal(rules: GuardRules, coordinate: string, caller: Caller): Refused | null {
  for (const rule of rules.get(coordinate) ?? []) {
    const code = rule(caller);
    if (code !== null) return code;
  }
  return null;
}

function trim(schema: GraphQLSchema, document: DocumentNode, refused: ReadonlyMap<FieldNode, Marker>): Trimmed {
  const markers = new Map<ASTNode, Marker>();
  const trimmed = visit(document, {
    Field(node) {
      const marker = refused.get(node);
      if (marker === undefined) return undefined;
      const placeholder: FieldNode = {
        kind: Kind.FIELD,
        alias: node.alias ?? node.name,
        name: { kind: Kind.NAME, value: '__typename' },
        ...(node.directives === undefined ? {} : { directives: node.directives }),
      };
      markers.set(placeholder, marker);
      return placeholder;
    },
  });
  return {
    document: trimmed,
    fingerprint: [...new Set([...markers.values()].map(({ coordinate }) => coordinate))].sort().join(),
    empty(answer, operationName) {
      const found: RefusedField[] = [];
      const operation = trimmed.definitions.find(
        (definition) =>
          definition.kind === Kind.OPERATION_DEFINITION &&
          (operationName === null || definition.name?.value === operationName),
      );
      if (operation?.kind === Kind.OPERATION_DEFINITION) {
        emptyIn({ schema, document: trimmed, markers, found }, operation.selectionSet, answer, []);
      }
      return found;
    },
  };
}

interface Walk {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly markers: ReadonlyMap<ASTNode, Marker>;
  readonly found: RefusedField[];
}

type Path = readonly (string | number)[];

function emptyIn(walk: Walk, selections: SelectionSetNode, value: unknown, path: Path): void {
  if (Array.isArray(value)) {
    for (const [index, one] of value.entries()) emptyIn(walk, selections, one, [...path, index]);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const object = value as Record<string, unknown>;
  for (const selection of selections.selections) {
    if (selection.kind === Kind.FIELD) emptyField(walk, selection, object, path);
    else if (selection.kind === Kind.INLINE_FRAGMENT) emptyIn(walk, selection.selectionSet, object, path);
    else {
      const fragment = walk.document.definitions.find(
        (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
      );
      if (fragment?.kind === Kind.FRAGMENT_DEFINITION) emptyIn(walk, fragment.selectionSet, object, path);
    }
  }
}

function emptyField(walk: Walk, field: FieldNode, object: Record<string, unknown>, path: Path): void {
  const key = field.alias?.value ?? field.name.value;
  if (!Object.hasOwn(object, key)) return;
  const marker = walk.markers.get(field);
  if (marker === undefined) {
    if (field.selectionSet !== undefined) emptyIn(walk, field.selectionSet, object[key], [...path, key]);
    return;
  }
  if (!isPlaceholder(walk.schema, object[key], marker.typeName)) return;
  object[key] = null;
  if (walk.found.length < MAX_REPORTED) walk.found.push({ path: [...path, key], code: marker.code });
}

/** Whether the value is the name of a type that the refused field could stand on: a fragment on another type has its own fields. */
function isPlaceholder(schema: GraphQLSchema, value: unknown, typeName: string): boolean {
  if (value === typeName) return true;
  const [declared, actual] = [schema.getType(typeName), schema.getType(String(value))];
  return (
    isAbstractType(declared) && actual !== undefined && 'getInterfaces' in actual && schema.isSubType(declared, actual)
  );
}
