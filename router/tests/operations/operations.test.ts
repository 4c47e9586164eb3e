import { createHash } from 'node:crypto';
import { ANONYMOUS, type Caller, createLogger } from '@ebuy/runtime';
import { shopper } from '@ebuy/testing';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { buildSchema, execute, GraphQLError, parse } from 'graphql';
import type { LoadedGraph } from '../../src/gateway/loaded-graph.ts';
import type { Compile } from '../../src/operations/known-operation.ts';
import { type Admitted, Operations } from '../../src/operations/operations.ts';
import { createOverriding } from '../../src/operations/override-labels.ts';

const schemaOf = (fields = '') =>
  buildSchema(
    `directive @authenticated on FIELD_DEFINITION
    type Query { price(of: Int = 1): Int mine: Int @authenticated unplanned: Int ${fields} } type Mutation { buy: Int }`,
  );
const graphOf = (id: string, schema = schemaOf()): LoadedGraph => ({
  id,
  apiSchema: schema,
  schema,
  overrideLabels: id === 'labelled' ? ['percent(100)'] : [],
  plan: () => ({ kind: 'QueryPlan' }),
  keys: { keyOf: ({ alias, name }) => (alias ?? name).value, toClientPath: (path) => path },
  upstreams: new Map(),
  logger: createLogger('router', 'silent'),
});

const graphs = [graphOf('first'), graphOf('second', schemaOf('more: Int')), graphOf('labelled')] as const;
let compiled: string[];
let executed: string[];
let release: (() => void)[];
let operations: Operations;

/** Executes by graphql-js, once it is let. */
const compile: Compile = (graph, { document, operationName, refused, overrides }) => {
  if (JSON.stringify(document).includes('unplanned')) throw new GraphQLError('cannot be planned');
  compiled.push([graph.id, refused?.size, [...(overrides ?? [])].join()].join(' '));
  return {
    kind: 'query',
    async execute(variableValues, _, { scope }) {
      executed.push(scope);
      await new Promise<void>((resolve) => release.push(resolve));
      const rootValue = { price: ({ of }: { of: number }) => of * 10, buy: () => 1, mine: () => 1 };
      const { data } = await execute({ schema: graph.apiSchema, document, operationName, variableValues, rootValue });
      return { json: JSON.stringify({ data }), errors: [], cacheControl: null };
    },
    executeDeferred: () => null,
  };
};

beforeEach(() => {
  compiled = [];
  executed = [];
  release = [];
  operations = create();
});

const create = (inFlightSharing = true, [graph] = [graphs[0]] as readonly LoadedGraph[]) =>
  new Operations({
    compile,
    graph: graph ?? graphs[0],
    graphOf: (apiSchema) => graphs.find((one) => one.apiSchema === apiSchema),
    overriding: createOverriding([]),
    inFlightSharing,
    logger: createLogger('router', 'silent'),
  });

const asker = (caller: Caller = ANONYMOUS) => ({ caller, correlationId: 'c-1', clientAddress: null });
const admit = (
  text: string,
  { caller = ANONYMOUS, variables = {}, name, schema = graphs[0].apiSchema, hash }: Partial<Candidate> = {},
) =>
  operations.admit(
    { schema, text, document: parse(text), operationName: name, variables, persistedHash: hash },
    asker(caller),
  );
interface Candidate {
  caller: Caller;
  variables: Record<string, unknown>;
  name: string;
  schema: LoadedGraph['apiSchema'];
  hash: string;
}
const admitted = (...parameters: Parameters<typeof admit>): Admitted => {
  const outcome = admit(...parameters);
  if ('errors' in outcome) throw outcome.errors[0];
  return outcome;
};
const finish = async (...answers: ReturnType<Operations['execute']>[]) => {
  await Promise.resolve();
  for (const one of release.splice(0)) one();
  return (await Promise.all(answers)).map((answer) => answer.bodyWith([]).toString());
};

const PRICE = 'query Price($of: Int) { price(of: $of) }';

describe('an operation', () => {
  test('is unknown until it was admitted, and compiled once', () => {
    expect(operations.find(PRICE)).toBeUndefined();
    admitted(PRICE);
    admitted(PRICE, { name: 'Price' });
    const known = operations.find(PRICE)?.operations;
    expect(known?.get(undefined)).toBe(known?.get('Price'));
    expect(known?.get('Other')).toBeUndefined();
    expect(compiled).toEqual(['first 0 ']);
  });

  test('is compiled for each set of refusals and labels', () => {
    for (const caller of [ANONYMOUS, shopper('s1'), shopper('s2'), ANONYMOUS]) admitted('{ mine }', { caller });
    expect(compiled).toEqual(['first 1 ', 'first 0 ']);
    admitted('{ mine }', { schema: graphs[2].apiSchema, caller: shopper('s1') });
    expect(compiled[2]).toBe('labelled 0 percent(100),true');
  });

  test('that cannot be planned, whose variables are wrong, or that is not there is refused, and tried again', () => {
    expect(() => admit('{ unplanned }')).toThrow('cannot be planned');
    expect(operations.find('{ unplanned }')).toBeUndefined();
    const wrong = { variables: { of: 'x' } };
    expect(admit(PRICE, wrong)).toMatchObject({ errors: [{ message: expect.stringContaining('got invalid value') }] });
    const known = operations.find(PRICE)?.operations.get(undefined);
    expect(known && operations.prepare(known, wrong.variables, asker())).toBeNull();
    expect(known && operations.prepare(known, { of: 3 }, asker())).not.toBeNull();
    expect(admit(PRICE, { name: 'Other' })).toMatchObject({
      errors: [{ message: 'Unknown operation named "Other".' }],
    });
    const two = 'query A { price } query B { price }';
    expect(admit(two)).toMatchObject({ errors: [{ message: expect.stringContaining('Must provide operation name') }] });
    expect(admitted(two, { name: 'B' }).operation.name).toBe('B');
  });

  test('is found by the hash of its text once a client has registered that, and by no other', () => {
    const hash = createHash('sha256').update(PRICE).digest('hex');
    admitted(PRICE, { hash: 'no hash of it' });
    expect(operations.findPersisted('no hash of it')).toBeUndefined();
    expect(operations.findPersisted(hash)).toBeUndefined();
    admitted(PRICE, { hash });
    expect(operations.findPersisted(hash)?.text).toBe(PRICE);
  });
});

describe('executions', () => {
  test('of equal queries of equal callers that are under way at once are one', async () => {
    const same = [1, 2, 3].map(() => operations.execute(admitted(PRICE, { variables: { of: 2 } }), asker()));
    const others = [
      operations.execute(admitted(PRICE, { variables: { of: 3 } }), asker()),
      operations.execute(admitted(PRICE, { variables: { of: 2 }, caller: shopper('s1') }), asker(shopper('s1'))),
      operations.execute(admitted('{ price(of: 2) }'), asker()),
    ];
    expect(executed).toHaveLength(4);
    expect(await finish(...same, ...others)).toEqual(
      [20, 20, 20, 30, 20, 20].map((price) => JSON.stringify({ data: { price } })),
    );
    const again = operations.execute(admitted(PRICE, { variables: { of: 2 } }), asker());
    expect(executed).toHaveLength(5);
    await finish(again);
  });

  test('that begin after a change of the same caller join none that began before', async () => {
    const before = operations.execute(admitted(PRICE), asker());
    const [hold] = release.splice(0);
    await finish(operations.execute(admitted('mutation { buy }', { caller: shopper('s1') }), asker(shopper('s1'))));
    const joined = operations.execute(admitted(PRICE), asker());
    expect(executed).toHaveLength(2);
    await finish(operations.execute(admitted('mutation { buy }'), asker()));
    const after = operations.execute(admitted(PRICE), asker());
    expect(executed).toHaveLength(4);
    hold?.();
    await finish(before, joined, after);
  });

  test('that change something are never one, and no two are where sharing is off', async () => {
    await finish(...[1, 2].map(() => operations.execute(admitted('mutation { buy }'), asker())));
    expect(executed).toHaveLength(2);
    operations = create(false);
    await finish(...[1, 2].map(() => operations.execute(admitted(PRICE), asker())));
    expect(executed).toHaveLength(4);
  });
});

describe('another graph', () => {
  test('is served once what was asked for lately is compiled for it; a request in hand finishes on its own', async () => {
    admitted(PRICE);
    admitted('query Other { price }', { name: 'Other' });
    const old = operations.find(PRICE);
    await operations.adopt(graphs[1]);
    expect(compiled).toEqual(['first 0 ', 'first 0 ', 'second 0 ', 'second 0 ']);
    expect(operations.find(PRICE)?.operations.get(undefined)?.graph.id).toBe('second');
    expect(old?.operations.get(undefined)?.graph.id).toBe('first');
  });

  test('does not know what it has not', async () => {
    operations = create(true, [graphs[1]]);
    admitted('{ more }', { schema: graphs[1].apiSchema });
    await operations.adopt(graphs[0]);
    expect(operations.find('{ more }')).toBeUndefined();
  });

  test('gives way to a later one', async () => {
    admitted(PRICE);
    await Promise.all([operations.adopt(graphs[1]), operations.adopt(graphs[2])]);
    expect(operations.find(PRICE)?.operations.get(undefined)?.graph.id).toBe('labelled');
  });
});
