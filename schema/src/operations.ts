import {
  type DocumentNode,
  FieldsOnCorrectTypeRule,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  KnownArgumentNamesRule,
  KnownTypeNamesRule,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  specifiedRules,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { ClientName } from './index.ts';

/** One operation of a client, with the fragments it needs: a document that can be sent as it is. */
export interface ClientOperation {
  readonly client: ClientName;
  readonly name: string;
  readonly document: DocumentNode;
}

/** What every subscription waits for: its subgraph serves it to services, but no client reaches a subgraph. */
const SUBSCRIPTIONS_NOT_SERVED = 'subscriptions through the router';

/** What an operation still lacks, by coordinate (`Query.searchProducts`) or in words, and what is plainly wrong with it. */
export interface OperationVerdict {
  readonly operation: ClientOperation;
  /** Coordinates that the schema does not have yet, and what the router does not do yet. Empty: the operation is served. */
  readonly missing: readonly string[];
  /** Validation errors that no growing of the schema mends. Always a defect. */
  readonly errors: readonly string[];
}

/** The operations not yet served: by client, by operation, what they wait for. The committed list is operations/pending.json. */
export type PendingOperations = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

const absenceRules = [FieldsOnCorrectTypeRule, KnownTypeNamesRule, KnownArgumentNamesRule];
const otherRules = specifiedRules.filter((rule) => !absenceRules.includes(rule));

/**
 * Splits a client's file into its operations, each with exactly the fragments it reaches.
 *
 * @throws Error when an operation has no name, two share one, or a fragment is missing or unused
 */
export function splitOperations(client: ClientName, text: string): ClientOperation[] {
  const source = parse(text);
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of source.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
    else throw new Error(`${client}.graphql: only operations and fragments belong here.`);
  }
  const reached = new Set<string>();
  const split = operations.map((operation): ClientOperation => {
    if (operation.name === undefined) throw new Error(`${client}.graphql: every operation needs a name.`);
    const needed = reach(operation, fragments);
    for (const fragment of needed) reached.add(fragment.name.value);
    return {
      client,
      name: operation.name.value,
      document: { kind: Kind.DOCUMENT, definitions: [operation, ...needed] },
    };
  });
  const unused = [...fragments.keys()].filter((name) => !reached.has(name));
  if (unused.length > 0) throw new Error(`${client}.graphql: no operation uses the fragments ${unused.join(', ')}.`);
  const names = new Set(split.map(({ name }) => name));
  if (names.size < split.length) throw new Error(`${client}.graphql: two operations share a name.`);
  return split;
}

/** Judges an operation against the API schema. */
export function judgeOperation(schema: GraphQLSchema, operation: ClientOperation): OperationVerdict {
  return {
    operation,
    missing: findMissing(schema, operation.document),
    errors: validate(schema, operation.document, otherRules).map((error: GraphQLError) => error.message),
  };
}

/** The operations that wait for something, in the shape of pending.json. */
export function collectPending(verdicts: readonly OperationVerdict[]): PendingOperations {
  const pending: Record<string, Record<string, readonly string[]>> = {};
  for (const { operation, missing } of verdicts) {
    if (missing.length === 0) continue;
    const ofClient = pending[operation.client] ?? {};
    pending[operation.client] = { ...ofClient, [operation.name]: missing };
  }
  return pending;
}

/** Operations that are pending now and were not before: the list may only shrink. */
export function findGrowth(before: PendingOperations, now: PendingOperations): string[] {
  return Object.entries(now).flatMap(([client, operations]) =>
    Object.keys(operations)
      .filter((name) => before[client]?.[name] === undefined)
      .map((name) => `${client}.${name}`),
  );
}

function reach(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): FragmentDefinitionNode[] {
  const found = new Map<string, FragmentDefinitionNode>();
  const follow = (node: OperationDefinitionNode | FragmentDefinitionNode): void => {
    visit(node, {
      FragmentSpread({ name: { value: name } }) {
        if (found.has(name)) return;
        const fragment = fragments.get(name);
        if (fragment === undefined) throw new Error(`The fragment ${name} does not exist in the file that spreads it.`);
        found.set(name, fragment);
        follow(fragment);
      },
    });
  };
  follow(operation);
  return [...found.values()].sort((a, b) => (a.name.value < b.name.value ? -1 : 1));
}

function findMissing(schema: GraphQLSchema, document: DocumentNode): string[] {
  const missing = new Set<string>();
  const typeInfo = new TypeInfo(schema);
  const visitor = visitWithTypeInfo(typeInfo, {
    OperationDefinition({ operation }) {
      if (schema.getRootType(operation) === undefined || schema.getRootType(operation) === null) {
        missing.add(operation[0]?.toUpperCase() + operation.slice(1));
      }
      if (operation === OperationTypeNode.SUBSCRIPTION) missing.add(SUBSCRIPTIONS_NOT_SERVED);
    },
    NamedType({ name }) {
      if (schema.getType(name.value) === undefined) missing.add(name.value);
    },
    Field({ name }) {
      const parent = typeInfo.getParentType();
      if (parent && !typeInfo.getFieldDef()) missing.add(`${parent.name}.${name.value}`);
    },
    Argument({ name }) {
      const field = typeInfo.getFieldDef();
      if (field && !typeInfo.getArgument()) {
        missing.add(`${typeInfo.getParentType()?.name}.${field.name}(${name.value}:)`);
      }
    },
  });
  visit(document, visitor);
  return [...missing].sort();
}
