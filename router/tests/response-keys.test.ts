import { describe, expect, test } from '@jest/globals';
import { type FieldNode, Kind, parse, print, stripIgnoredCharacters } from 'graphql';
import { createResponseKeys } from '../src/gateway/response-keys.ts';

const supergraph = parse(`
  type Parcel @join__type(graph: A, key: "id owner { code }") @join__type(graph: B) {
    fee: Int @join__field(graph: A, requires: "weight ... on Parcel { depth }")
    tax(rate: Int): Int @join__field(graph: A, contextArguments: [{context: "c", name: "rate", type: "Int", selection: "{ rate }"}])
  }
`);
const keys = createResponseKeys(supergraph, '__required');
const field = (text: string): FieldNode => {
  const [operation] = parse(`{${text}}`).definitions;
  const [selection] = operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet.selections : [];
  if (selection?.kind !== Kind.FIELD) throw new Error(`${text} is no field`);
  return selection;
};

describe('the key that a field is fetched under', () => {
  test.each(['id', 'fee', 'heavy: weight', 'id: id', 'owner { code }', '__typename', 'kind: __typename', 'Id: fee'])(
    'is the client’s own: %s',
    (text) => {
      expect(keys.keyOf(field(text))).toBe(text.split(/[ :]/)[0]);
    },
  );

  test.each([
    'id: fee',
    'code: id',
    'weight: fee',
    'depth: fee',
    'rate: fee',
    '__typename: fee',
    'id: __typename',
    'x__required1: fee',
  ])('is another where the planner may add a field of that name: %s', (text) => {
    const [alias = ''] = text.split(':');
    const key = keys.keyOf(field(text));
    expect(key).not.toBe(alias);
    expect(keys.toClientPath(['parcels', 0, key, 'id'])).toEqual(['parcels', 0, alias, 'id']);
  });

  test('never stands for two aliases', () => {
    const clashing = ['id', 'id__required', 'id__required0', 'id__required1', 'id__required00'];
    expect(new Set(clashing.map((alias) => keys.keyOf(field(`${alias}: fee`)))).size).toBe(clashing.length);
  });
});

test('an error’s path ends before what the client did not ask for', () => {
  expect(keys.toClientPath(['parcels', 0, 'weight__required1', 'unit'])).toEqual(['parcels', 0]);
});

test('an operation is renamed at every depth, fragments included, and left alone when nothing clashes', () => {
  const text = stripIgnoredCharacters(
    print(keys.rename(parse('{parcels{id:fee owner{code:id ...f}}} fragment f on Owner{weight:id}'))),
  );
  expect(text).toBe(
    '{parcels{id__required0:fee owner{code__required0:id ...f}}}fragment f on Owner{weight__required0:id}',
  );
  const plain = parse('{parcels{id fee}}');
  expect(keys.rename(plain)).toBe(plain);
});
