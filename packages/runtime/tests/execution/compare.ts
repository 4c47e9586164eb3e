// One operation, executed by graphql-js and by us in the same worlds.
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { compileOperation } from '../../src/graph/execution/operation.ts';
import { rootOf, type World } from './world.ts';

/** The first object of a type is answered plainly, all others by code that was written for it. */
const ROOM = { take: () => true, runsBeforeCode: 1 };
const WORLDS = [
  { failures: 0, delays: 0 },
  { failures: 4, delays: 0 },
  { failures: 0, delays: 30 },
  { failures: 8, delays: 30 },
];
/** A program grows with its use: the last time nothing of it is new. */
const TIMES = 2;

export interface Comparison {
  readonly theirs: unknown;
  readonly ours: readonly unknown[];
  readonly hasErrors: boolean;
}

export const operationOf = ({ definitions }: DocumentNode) =>
  definitions.find((one): one is OperationDefinitionNode => one.kind === Kind.OPERATION_DEFINITION)!;

const told = ({ data, errors }: ExecutionResult, { calls }: World) => ({
  data: JSON.stringify(data),
  errors: errors?.map((error) => [error.toJSON(), error.originalError?.name, error.originalError?.message]),
  calls,
});

/** One for each world. */
export async function compareAnswers(
  schema: GraphQLSchema,
  text: string,
  variableValues: Record<string, unknown>,
): Promise<Comparison[]> {
  const document = parse(text);
  const operation = operationOf(document);
  const compiled = compileOperation(schema, document, operation, ROOM);
  const rootType = schema.getRootType(operation.operation)!;
  return Promise.all(
    WORLDS.map(async ({ failures, delays }, index) => {
      const world = (): World => ({ seed: `${text.length}/${index}`, failures, delays, calls: [] });
      const given = world();
      const expected = told(
        await execute({ schema, document, variableValues, contextValue: given, rootValue: rootOf(given, rootType) }),
        given,
      );
      const ours = await Promise.all(
        Array.from({ length: TIMES }, async () => {
          const own = world();
          const request = { variables: variableValues, contextValue: own, rootValue: rootOf(own, rootType) };
          return told(await compiled.execute(request), own);
        }),
      );
      return { theirs: expected, ours, hasErrors: expected.errors !== undefined };
    }),
  );
}
