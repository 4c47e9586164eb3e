// Our own execution against graphql-js, over every schema of the shop: the clients' operations, and thousands drawn from the schemas, in worlds
// of values, promises, nulls and failures that are the same for both. Answers, errors, their order and what resolvers are told must be equal.
import { isDeepStrictEqual } from 'node:util';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { clientNames, listSubgraphs, readOperations, readSubgraphSdl, readSupergraphSdl } from '@ebuy/schema';
import { splitOperations } from '@ebuy/schema/operations';
import { describe, expect, test } from '@jest/globals';
import {
  buildASTSchema,
  type GraphQLInputType,
  type GraphQLSchema,
  getIntrospectionQuery,
  parse,
  print,
  typeFromAST,
  validate,
} from 'graphql';
import { scalars } from '../../src/graph/scalars.ts';
import { compareAnswers, operationOf } from './compare.ts';
import { drawDocument, drawVariables } from './documents.ts';
import { knowTypes, populate } from './world.ts';

/** How many of the answers had errors. */
async function compare(schema: GraphQLSchema, text: string, variables: Record<string, unknown>): Promise<number> {
  const comparisons = await compareAnswers(schema, text, variables);
  // Only what differs has to be told in full.
  for (const { theirs, ours } of comparisons)
    for (const answer of ours)
      if (!isDeepStrictEqual(answer, theirs))
        expect({ text, variables, answer }).toEqual({ text, variables, answer: theirs });
  return comparisons.filter(({ hasErrors }) => hasErrors).length;
}

const schemaOf = (name: string) => {
  const schema = populate(buildSubgraphSchema([{ typeDefs: parse(readSubgraphSdl(name)), resolvers: scalars }]));
  knowTypes(schema);
  return schema;
};

describe.each(listSubgraphs())('over the schema of %s', (name) => {
  const schema = schemaOf(name);

  test.each(['query', 'mutation'] as const)('drawn operations are answered as by graphql-js: %s', async (kind) => {
    let [drawn, failed] = [0, 0];
    for (let index = 0; index < 15; index += 1) {
      const document = drawDocument(schema, `${name}/${kind}/${index}`, kind);
      if (document === null || validate(schema, parse(document.text)).length > 0) continue;
      drawn += 1;
      failed += await compare(schema, document.text, document.variables);
    }
    if (kind === 'query') {
      expect(drawn).toBeGreaterThan(3);
      expect(failed).toBeGreaterThan(5);
    }
  });

  test('introspection and its own SDL are answered as by graphql-js', async () => {
    await compare(schema, getIntrospectionQuery(), {});
    await compare(schema, '{ _service { sdl } __typename __type(name: "Query") { name fields { name } } }', {});
  });
});

test("the clients' own operations are answered as by graphql-js", async () => {
  const schema = populate(buildASTSchema(parse(readSupergraphSdl()), { assumeValidSDL: true }));
  knowTypes(schema);
  let compared = 0;
  for (const client of clientNames) {
    for (const { document, name } of splitOperations(client, readOperations(client))) {
      const operation = operationOf(document);
      if (operation.operation === 'subscription') continue;
      const types = (operation.variableDefinitions ?? []).map(
        ({ variable, type }) => [variable.name.value, typeFromAST(schema, type as never) as GraphQLInputType] as const,
      );
      await compare(schema, print(document), drawVariables(schema, name, new Map(types)));
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(40);
});
