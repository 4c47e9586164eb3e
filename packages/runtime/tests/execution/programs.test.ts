import { expect, test } from '@jest/globals';
import { buildSchema, type GraphQLObjectType, parse } from 'graphql';
import { Documents } from '../../src/graph/documents.ts';
import { type CompiledOperation, compileOperation } from '../../src/graph/execution/operation.ts';
import { operationOf } from './compare.ts';

const schema = buildSchema(`
  type Query { all: [String!] one: Query text: String more: String other(at: [Int!], in: Where): String }
  type Mutation { first: String second: String }
  input Where { name: String = "here" }
`);
const fieldsOf = (type: string) => (schema.getType(type) as GraphQLObjectType).getFields();

function compiled(text: string, runsBeforeCode = 1) {
  const document = parse(text);
  return compileOperation(schema, document, operationOf(document), { take: () => true, runsBeforeCode });
}

// graphql-js leaves one, and Node ends a process for it, Jest's too.
test('an element that fails while another is waited for leaves no rejection behind', async () => {
  const late = Promise.reject(new Error('late'));
  const result = await compiled('{ all }').execute({
    variables: {},
    contextValue: {},
    rootValue: { all: [late, null] },
  });
  expect(result.data).toEqual({ all: null });
  expect(result.errors?.map(({ message }) => message)).toEqual([
    'Cannot return null for non-nullable field Query.all.',
  ]);
  await new Promise((resolve) => setImmediate(resolve));
});

test.each([0, 1, 2])(
  'a query that nobody waits for calls no further resolver, a mutation is done to its end (run %d)',
  async (run) => {
    const called: string[] = [];
    let isAbandoned = false;
    const first = async () => {
      called.push('first');
      await null;
      isAbandoned = true;
      return { text: () => called.push('text') };
    };
    const second = () => void called.push('second');
    const query = compiled('{ one { text } }');
    const mutation = compiled('mutation { first second }');
    for (let warm = 0; warm < run; warm += 1)
      await query.execute({ variables: {}, contextValue: {}, rootValue: { one: {} } });
    await query.execute({ variables: {}, contextValue: {}, rootValue: { one: first }, isAbandoned: () => isAbandoned });
    expect(called).toEqual(['first']);
    const rootValue = { first: async () => String(await first()), second };
    await mutation.execute({ variables: {}, contextValue: {}, rootValue, isAbandoned: () => isAbandoned });
    expect(called).toEqual(['first', 'first', 'second']);
  },
);

test('each resolver has arguments of its own', async () => {
  const seen: unknown[] = [];
  fieldsOf('Query').other!.resolve = (_, args: Record<string, unknown>) => {
    seen.push(structuredClone(args));
    args.at = 'changed';
    (args.in as { name: string } | undefined)!.name = 'changed';
    return 'x';
  };
  const operation = compiled('{ other(at: [1], in: {name: "there"}) }');
  for (let time = 0; time < 3; time += 1) await operation.execute({ variables: {}, contextValue: {} });
  expect(seen).toEqual(Array.from({ length: 3 }, () => ({ at: [1], in: { name: 'there' } })));
});

test('what is kept of documents is bounded, and what was forgotten or found no room is answered all the same', async () => {
  const documents = new Documents(schema, { documents: 3, tokens: 60, fields: 5 });
  const ask = async (text: string) => {
    const operation = documents.operation(text, undefined) as CompiledOperation;
    return (await operation.execute({ variables: {}, contextValue: {}, rootValue: { text: 't', one: { text: 'o' } } }))
      .data;
  };
  for (let index = 0; index < 50; index += 1) {
    expect(await ask(`{ a${index}: text one { text more } }`)).toEqual({
      [`a${index}`]: 't',
      one: { text: 'o', more: null },
    });
    const { documents: kept, tokens, fields } = documents.size;
    expect(kept <= 3 && tokens <= 60 && fields <= 5).toBe(true);
  }
  const wide = `{ ${Array.from({ length: 100 }, (_, index) => `a${index}: text`).join(' ')} }`;
  expect(Object.keys((await ask(wide)) ?? {})).toHaveLength(100);
  expect(documents.size).toEqual({ documents: 0, tokens: 0, fields: 0 });
});

test('a document is read once, and the one used last is kept longest', () => {
  const documents = new Documents(schema, { documents: 2, tokens: 1_000, fields: 1_000 });
  const [one, two, three] = ['{ text }', '{ more }', '{ one { text } }'];
  const first = documents.operation(one!, undefined);
  documents.operation(two!, undefined);
  expect(documents.operation(one!, undefined)).toBe(first);
  documents.operation(three!, undefined);
  expect(documents.operation(one!, undefined)).toBe(first);
});

test('a document with more tokens than any of ours is not read to its end', () => {
  const answer = new Documents(schema).operation(`{ ${'text '.repeat(30_000)} }`, undefined);
  expect(answer).toMatchObject({ code: 'GRAPHQL_PARSE_FAILED' });
});
