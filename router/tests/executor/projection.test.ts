import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildSchema, type OperationDefinitionNode, parse } from 'graphql';
import { complete } from '../../src/executor/complete.ts';
import { compileCheck, compileProjection, IRREGULAR } from '../../src/executor/projection.ts';
import { Run } from '../../src/executor/run.ts';
import { type FieldsShape, shapeOfRoot } from '../../src/executor/shape.ts';
import { CONTEXT } from './planned.ts';

const schema = buildSchema(`
  scalar JSON
  enum Colour { RED GREEN }
  interface Node { id: ID! }
  type Thing implements Node { id: ID! text: String int: Int! float: Float flag: Boolean colour: Colour any: JSON lists: [[Int!]] self: Thing others: [Node!]! }
  type Other implements Node { id: ID! name: String }
  type Query { thing: Thing }
`);
const DEEP =
  'id text int float flag colour any lists constructor: text __proto__: int others { __typename id ...on Other { name } }';

function shapeOf(selection: string): FieldsShape {
  const [definition] = parse(selection).definitions as readonly [OperationDefinitionNode];
  const query = schema.getQueryType();
  if (query === undefined || query === null) throw new Error('no query');
  return shapeOfRoot(
    {
      schema,
      fragments: new Map(),
      refused: new Map(),
      keyOf: ({ alias, name }) => (alias ?? name).value,
      isIncluded: () => true,
    },
    query,
    definition.selectionSet,
  );
}

function attempt<Result>(run: () => Result): Result | typeof IRREGULAR {
  try {
    return run();
  } catch (error) {
    if (error === IRREGULAR) return IRREGULAR;
    throw error;
  }
}

const shape = shapeOf(`{ thing { ${DEEP} self { ${DEEP} } } }`);
const projection = compileProjection(shape);

/** Mostly right, at times anything. */
const or = (right: fc.Arbitrary<unknown>) => fc.oneof({ weight: 60, arbitrary: right }, fc.jsonValue({ maxDepth: 1 }));
const other = fc.record({
  __typename: or(fc.constantFrom('Other', 'Thing')),
  id: or(fc.string()),
  name: or(fc.string()),
});
const fields = {
  id: or(fc.string({ unit: 'binary' })),
  text: or(fc.option(fc.string({ unit: 'binary' }))),
  int: or(fc.integer()),
  float: or(fc.option(fc.double({ noNaN: true }))),
  flag: or(fc.option(fc.boolean())),
  colour: or(fc.constantFrom('RED', 'GREEN', null)),
  any: fc.jsonValue({ maxDepth: 2 }),
  lists: or(fc.option(fc.array(fc.option(fc.array(fc.integer()))))),
  constructor: or(fc.option(fc.string())),
  ['__proto__']: or(fc.integer()),
  others: or(fc.array(other)),
};
const things = fc.record({ ...fields, self: or(fc.option(fc.record(fields))) }, { noNullPrototype: true });

describe('the projection', () => {
  test('is what completion would give, or is left to completion', () => {
    let written = 0;
    fc.assert(
      fc.property(things, (thing) => {
        // As it came from a subgraph: without what JSON does not know.
        const data = JSON.parse(JSON.stringify({ thing })) as Record<string, unknown>;
        const run = new Run({}, CONTEXT);
        run.data = data;
        const completed = complete(
          run,
          shape,
          () => null,
          (path) => path,
        );
        const text = attempt(() => JSON.stringify(projection(data)));
        if (text === IRREGULAR) expect(completed.errors.length).toBeGreaterThan(0);
        else expect(text).toBe(JSON.stringify(completed.data));
        if (text !== IRREGULAR) written += 1;
      }),
      { numRuns: 400 },
    );
    expect(written).toBeGreaterThan(20);
  });

  test('reads no key that an object only inherits', () => {
    const inherited = compileProjection(shapeOf('{ constructor: thing { toString: text valueOf: any } }'));
    expect(JSON.stringify(inherited({}))).toBe('{"constructor":null}');
    expect(JSON.stringify(inherited({ constructor: {} }))).toBe('{"constructor":{"toString":null,"valueOf":null}}');
  });
});

describe('the check', () => {
  const check = compileCheck(shapeOf('{ thing { id others { __typename id } } }'));
  const other = { __typename: 'Other', id: 'o' };

  test('lets pass what has exactly the fields', () => {
    expect(attempt(() => check({ thing: { id: 'a', others: [other] } }))).not.toBe(IRREGULAR);
    expect(attempt(() => check({ thing: null }))).not.toBe(IRREGULAR);
  });

  test.each([
    ['a field more', { thing: { id: 'a', others: [], secret: 1 } }],
    ['a field less', { thing: { id: 'a' } }],
    ['another order', { thing: { others: [], id: 'a' } }],
    ['a null where none may be', { thing: { id: null, others: [] } }],
    ['a value of another type', { thing: { id: true, others: [] } }],
    ['an object of another type', { thing: { id: 'a', others: [{ __typename: 'Query', id: 'x' }] } }],
    ['a list for an object', { thing: [] }],
    ['nothing', null],
  ])('refuses %s', (_what, data) => {
    expect(attempt(() => check(data))).toBe(IRREGULAR);
  });
});
