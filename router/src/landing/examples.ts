import type { ClientName } from '@ebuy/schema';
import { clientNames, readOperations } from '@ebuy/schema';
import { type ClientOperation, judgeOperation, splitOperations } from '@ebuy/schema/operations';
import {
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isRequiredInputField,
  Kind,
  print,
  typeFromAST,
} from 'graphql';

/** An operation to try: a client's own, with variables to fill in. */
export interface Example {
  readonly client: ClientName;
  readonly name: string;
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The clients' queries and mutations that the graph serves today. */
export function collectExamples(schema: GraphQLSchema): Example[] {
  return clientNames
    .flatMap((client) => splitOperations(client, readOperations(client)))
    .filter((operation) => !isSubscription(operation) && judgeOperation(schema, operation).missing.length === 0)
    .map((operation) => ({
      client: operation.client,
      name: operation.name,
      text: print(operation.document),
      variables: sampleVariables(schema, operation),
    }));
}

function isSubscription({ document }: ClientOperation): boolean {
  return document.definitions.some(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION && definition.operation === 'subscription',
  );
}

function sampleVariables(schema: GraphQLSchema, { document }: ClientOperation): Record<string, unknown> {
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return {};
  const required = (operation.variableDefinitions ?? []).filter(({ type }) => type.kind === Kind.NON_NULL_TYPE);
  return Object.fromEntries(
    required.map(({ variable, type }) => {
      const known = typeFromAST(schema, type as Parameters<typeof typeFromAST>[1]);
      return [variable.name.value, known && isInputType(known) ? sample(known) : null];
    }),
  );
}

const SAMPLES: Readonly<Record<string, unknown>> = {
  Int: 1,
  Float: 1,
  Boolean: true,
  MinorUnits: 1999,
  CurrencyCode: 'EUR',
  CountryCode: 'DE',
};

function sample(type: GraphQLInputType): unknown {
  const inner = getNullableType(type);
  if (isListType(inner)) return [sample(inner.ofType)];
  if (isEnumType(inner)) return inner.getValues()[0]?.name;
  if (!isInputObjectType(inner)) return SAMPLES[inner.name] ?? '';
  const required = Object.values(inner.getFields()).filter(isRequiredInputField);
  return Object.fromEntries(required.map((field) => [field.name, sample(field.type)]));
}
