import { describe, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { compileOperation } from '../../src/executor/compile.ts';
import { UpstreamFailure } from '../../src/upstream/upstream.ts';
import { CONTEXT, entityFetch, execute, plannedGraph, rootFetch, type Sent } from './planned.ts';

const SCHEMA = `
  type Query { products: [Product!]! best: Product }
  type Product { id: ID! title: String price: Int rating: Float owner: Owner! }
  type Owner { id: ID! name: String }
`;
const product = (id: string) => ({ __typename: 'Product', id });
const catalog = (...ids: string[]) => ({ data: { products: ids.map(product), best: product('best') } });
const root = rootFetch('catalog', '{products{__typename id} best{__typename id}}');
const prices = (path: string) => entityFetch('prices', path, 'Product', 'price');
const entitiesIn = ({ variables }: Sent, value: (id: unknown) => unknown) =>
  Object.fromEntries(
    Object.entries(variables).map(([name, representations]) => [
      name === 'representations' ? '_entities' : name.replace('representations', 'entities'),
      (representations as { id: unknown }[]).map(({ id }) => value(id)),
    ]),
  );

describe('entities', () => {
  const node = { kind: 'Sequence' as const, nodes: [root, prices('products.@')] };

  test('are asked about once each, in the order of the answer, and stand wherever they occur', async () => {
    const { graph, sent } = plannedGraph(SCHEMA, node, {
      catalog: () => catalog('a', 'b', 'a'),
      prices: (asked) => ({ data: entitiesIn(asked, (id) => ({ price: id === 'a' ? 1 : 2 })) }),
    });
    const { data, errors } = await execute(graph, '{ products { id price } }');
    expect(sent[1]?.variables).toEqual({ representations: [product('a'), product('b')] });
    expect(data).toEqual({
      products: [
        { id: 'a', price: 1 },
        { id: 'b', price: 2 },
        { id: 'a', price: 1 },
      ],
    });
    expect(errors).toEqual([]);
  });

  test('of two places go to one subgraph in one request', async () => {
    const parallel = { kind: 'Parallel' as const, nodes: [prices('products.@'), prices('best')] };
    const { graph, sent } = plannedGraph(
      SCHEMA,
      { kind: 'Sequence', nodes: [root, parallel] },
      {
        catalog: () => catalog('a'),
        prices: (asked) => ({ data: entitiesIn(asked, (id) => ({ price: id === 'a' ? 1 : 2 })) }),
      },
    );
    const { data } = await execute(graph, '{ products { price } best { price } }');
    expect(sent).toHaveLength(2);
    expect(sent[1]?.variables).toEqual({ representations0: [product('a')], representations1: [product('best')] });
    expect(data).toEqual({ products: [{ price: 1 }], best: { price: 2 } });
  });

  test('that nobody needs are asked about by nobody, and one place alone by its own request', async () => {
    const parallel = { kind: 'Parallel' as const, nodes: [prices('products.@'), prices('best')] };
    const { graph, sent } = plannedGraph(
      SCHEMA,
      { kind: 'Sequence', nodes: [root, parallel] },
      {
        catalog: () => catalog(),
        prices: (asked) => ({ data: entitiesIn(asked, () => ({ price: 2 })) }),
      },
    );
    await execute(graph, '{ products { price } best { price } }');
    expect(sent[1]?.variables).toEqual({ representations: [product('best')] });
  });

  test('have their errors at every place where they stand', async () => {
    const { graph } = plannedGraph(SCHEMA, node, {
      catalog: () => catalog('a', 'b', 'a'),
      prices: () => ({
        data: { _entities: [{ price: null }, { price: 2 }] },
        errors: [{ message: 'no price', path: ['_entities', 0, 'price'], extensions: { code: 'NO_PRICE' } }],
      }),
    });
    const { data, errors } = await execute(graph, '{ products { price } }');
    expect(data).toEqual({ products: [{ price: null }, { price: 2 }, { price: null }] });
    expect(errors.map(({ path }) => path)).toEqual([
      ['products', 0, 'price'],
      ['products', 2, 'price'],
    ]);
    expect(errors[0]).toMatchObject({ message: 'no price', extensions: { code: 'NO_PRICE' } });
  });

  test.each([
    ['too few', { data: { _entities: [{ price: 1 }] } }],
    ['none', { data: {} }],
    ['no list', { data: { _entities: {} } }],
    ['no JSON', '{"data":{"_entit'],
    ['no object', '"data"'],
    ['no answer in time', new UpstreamFailure('SERVICE_TIMEOUT')],
  ])('of which there are %s leave each field null, with an error that says where', async (_what, answer) => {
    const { graph } = plannedGraph(SCHEMA, node, { catalog: () => catalog('a', 'b'), prices: () => answer });
    const { data, errors } = await execute(graph, '{ products { id price } }');
    expect(data).toEqual({
      products: [
        { id: 'a', price: null },
        { id: 'b', price: null },
      ],
    });
    expect(errors.map(({ path }) => path)).toEqual([
      ['products', 0, 'price'],
      ['products', 1, 'price'],
    ]);
    const code = answer instanceof UpstreamFailure ? 'SERVICE_TIMEOUT' : 'SERVICE_UNAVAILABLE';
    expect(errors.every(({ extensions }) => extensions?.code === code)).toBe(true);
  });
});

describe('what follows from a failed fetch', () => {
  test('is explained by it, along the chain of what needs what', async () => {
    const node = {
      kind: 'Sequence' as const,
      nodes: [root, prices('products.@'), entityFetch('ratings', 'products.@', 'Product', 'rating', 'id price')],
    };
    const { graph, sent } = plannedGraph(SCHEMA, node, {
      catalog: () => catalog('a'),
      prices: () => new UpstreamFailure('SERVICE_TIMEOUT'),
      ratings: () => ({ data: { _entities: [] } }),
    });
    const { data, errors } = await execute(graph, '{ products { rating } }');
    expect(sent.map(({ subgraph }) => subgraph)).toEqual(['catalog', 'prices']);
    expect(data).toEqual({ products: [{ rating: null }] });
    expect(errors).toEqual([
      { message: expect.any(String), path: ['products', 0, 'rating'], extensions: { code: 'SERVICE_TIMEOUT' } },
    ]);
  });

  test('empties what may not lack it, with one error', async () => {
    const node = { kind: 'Sequence' as const, nodes: [root, entityFetch('owners', 'best', 'Product', 'owner{name}')] };
    const { graph } = plannedGraph(SCHEMA, node, {
      catalog: () => catalog('a'),
      owners: () => new UpstreamFailure('SERVICE_UNAVAILABLE'),
    });
    const { data, errors } = await execute(graph, '{ best { id owner { name } } products { id } }');
    expect(data).toEqual({ best: null, products: [{ id: 'a' }] });
    expect(errors.map(({ path }) => path)).toEqual([['best', 'owner']]);
  });
});

describe('a plan of one fetch', () => {
  const asks = (bytes: object | string) =>
    plannedGraph(SCHEMA, rootFetch('catalog', '{best{id title}}'), { catalog: () => bytes }).graph;

  test('that asks what the client asks passes the bytes on', async () => {
    const bytes = '{"data":{ "best": {"id":"a", "title":"\\u0041"} }}';
    const { answer } = await execute(asks(bytes), 'query { best { ...F } } fragment F on Product { id title }');
    expect(answer.json.toString()).toBe(bytes);
    expect(answer.cacheControl).toBe('max-age=60, public');
  });

  test.each([
    ['more than asked for', { data: { best: { id: 'a', title: 'A', secret: 1 } } }],
    ['another order', { data: { best: { title: 'A', id: 'a' } } }],
    ['extensions', { data: { best: { id: 'a', title: 'A' } }, extensions: { host: 'h' } }],
  ])('writes the answer itself when there is %s', async (_what, given) => {
    const { answer } = await execute(asks(given), '{ best { id title } }');
    expect(answer.json.toString()).toBe('{"data":{"best":{"id":"a","title":"A"}}}');
  });

  test('says what is wrong with values of another type', async () => {
    const { data, errors } = await execute(asks({ data: { best: { id: 'a', title: 7 } } }), '{ best { id title } }');
    expect(data).toEqual({ best: { id: 'a', title: null } });
    expect(errors).toMatchObject([{ path: ['best', 'title'], extensions: { code: 'DOWNSTREAM_SERVICE_ERROR' } }]);
  });
});

describe('refused fields', () => {
  test('are null with their error, wherever they stand', async () => {
    const node = rootFetch('catalog', '{products{__typename id}}');
    const { graph } = plannedGraph(SCHEMA, node, { catalog: () => catalog('a', 'b') });
    const document = parse('{ products { id price } }');
    const [definition] = document.definitions;
    const [products] = definition?.kind === 'OperationDefinition' ? definition.selectionSet.selections : [];
    const price = products?.kind === 'Field' ? products.selectionSet?.selections[1] : undefined;
    if (price?.kind !== 'Field') throw new Error('the document has no price');
    const refused = new Map([[price, { code: 'FORBIDDEN', message: 'No.' }]]);
    const executable = compileOperation(graph, { document, operationName: undefined, refused });
    const { json, errors } = await executable.execute({}, {}, CONTEXT);
    expect(json).toBe('{"data":{"products":[{"id":"a","price":null},{"id":"b","price":null}]}}');
    expect(errors.map(({ path, extensions }) => [path, extensions?.code])).toEqual([
      [['products', 0, 'price'], 'FORBIDDEN'],
      [['products', 1, 'price'], 'FORBIDDEN'],
    ]);
  });
});
