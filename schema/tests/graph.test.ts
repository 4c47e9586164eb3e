import { buildSubgraphSchema } from '@apollo/subgraph';
import { expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { checkGraph } from '../src/check.ts';
import { listSubgraphs, readSubgraphSdl } from '../src/index.ts';

test('the committed graph is what the subgraphs compose to, is described, and breaks no client', () => {
  expect(checkGraph('HEAD').problems).toEqual([]);
});

test.each(listSubgraphs())("%s's schema loads as its server loads it", (name) => {
  expect(buildSubgraphSchema(parse(readSubgraphSdl(name))).getQueryType()).toBeDefined();
});
