// Every operation of the clients that the graph serves is sent as it is written, and answers without errors.
import { readFileSync } from 'node:fs';
import { clientNames, readOperations, supergraphUrl } from '@ebuy/schema';
import { type PendingOperations, splitOperations } from '@ebuy/schema/operations';
import { beforeAll, expect, test } from '@jest/globals';
import { print } from 'graphql';
import { type Scene, setScene } from './scene.ts';
import { VARIABLES } from './variables.ts';

const pendingFile = new URL('operations/pending.json', supergraphUrl);
const pending = JSON.parse(readFileSync(pendingFile, 'utf8')) as PendingOperations;
const operations = clientNames.flatMap((client) => splitOperations(client, readOperations(client)));
const served = operations.filter(({ client, name }) => pending[client]?.[name] === undefined);

let scene: Scene;

beforeAll(async () => {
  scene = await setScene();
});

test.each(served.map((operation) => [`${operation.client} ${operation.name}`, operation] as const))(
  '%s',
  async (name, operation) => {
    const prepare = VARIABLES[name];
    if (prepare === undefined) throw new Error(`variables.ts does not say with what ${name} is sent`);
    const { as, variables, refused } = await prepare(scene);
    const answer = await as.ask<Record<string, { userErrors?: unknown[] } | null>>(
      print(operation.document),
      variables,
    );
    const codes = answer.errors.map(({ message, extensions }) => extensions?.code ?? message);
    expect({ status: answer.status, codes }).toEqual({ status: 200, codes: refused === undefined ? [] : [refused] });
    for (const field of Object.values(answer.result ?? {})) expect(field?.userErrors ?? []).toEqual([]);
  },
);

test('what is sent here is what is served: nothing is written down for an operation that waits', () => {
  const names = served.map(({ client, name }) => `${client} ${name}`);
  expect(Object.keys(VARIABLES).sort()).toEqual(names.sort());
});
