import { renameSync, writeFileSync } from 'node:fs';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  answerShop,
  composed,
  EVERYONE,
  type GraphAnswer,
  type HostileGraph,
  LATER,
  startHostileGraph,
} from './hostile-graph.ts';

const QUERY = '{ people { id name favourite } greeting }';
const whole = {
  status: 200,
  data: { people: EVERYONE.map((name, index) => ({ id: String(index), name, favourite: 'tea' })), greeting: 'hello' },
};
const SERVED = { status: 200, data: { farewell: 'bye' } };
const [FIRST, SECOND] = [composed(), composed(LATER)];

let graph: HostileGraph;

beforeAll(async () => {
  graph = await startHostileGraph();
});
afterAll(() => graph.stop());
beforeEach(async () => {
  graph.shop.answer = answerShop;
  writeFileSync(graph.supergraphPath, FIRST);
  await graph.router.reload();
  expect((await graph.ask('{ farewell }')).status).toBe(400);
});

/** Asks without a pause until told to stop, and gives every answer that is not the whole one. */
function askOn(clients: number): { stop(): Promise<{ asked: number; wrong: GraphAnswer[] }> } {
  let isStopped = false;
  let asked = 0;
  const wrong: GraphAnswer[] = [];
  const running = Array.from({ length: clients }, async (_, client) => {
    while (!isStopped) {
      asked += 1;
      // Half of the operations are new each time: those are admitted, validated and planned on whatever graph is there.
      const query = client % 2 === 0 ? QUERY : `query Q${asked} ${QUERY}`;
      const answer = await graph.ask(query).catch((error: Error) => ({ status: 0, data: { error: String(error) } }));
      if (JSON.stringify(answer) !== JSON.stringify(whole)) wrong.push(answer);
    }
  });
  return {
    async stop() {
      isStopped = true;
      await Promise.all(running);
      return { asked, wrong };
    },
  };
}

describe('a changed supergraph', () => {
  test('is served without a restart, and back again, and no request fails across it', async () => {
    const load = askOn(4);
    for (let round = 0; round < 2; round += 1) {
      writeFileSync(graph.supergraphPath, SECOND);
      await eventually(async () => expect(await graph.ask('{ farewell }')).toEqual(SERVED));
      writeFileSync(`${graph.supergraphPath}.new`, FIRST);
      renameSync(`${graph.supergraphPath}.new`, graph.supergraphPath);
      await eventually(async () => expect((await graph.ask('{ farewell }')).status).toBe(400));
    }
    const { asked, wrong } = await load.stop();
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(20);
  });

  test.each([
    ['that is cut off', SECOND.slice(0, -400)],
    ['that is no GraphQL', 'composition failed: see the log\n'],
    ['that is empty', ''],
    ['that says nothing of a type that it uses', SECOND.replace('scalar join__FieldSet', '')],
    ['with a subgraph that has no address and no key', SECOND.replace('name: "people"', 'name: "nowhere"')],
    [
      'secured by what nobody here enforces',
      SECOND.replace('schema\n', 'schema\n  @link(url: "https://specs.apollo.dev/policy/v0.1", for: SECURITY)\n'),
    ],
  ])('%s is not served: the one before goes on, and what mends it is', async (_, broken) => {
    const load = askOn(2);
    writeFileSync(graph.supergraphPath, broken);
    await graph.router.reload();
    expect((await graph.ask('{ farewell }')).status).toBe(400);
    writeFileSync(graph.supergraphPath, SECOND);
    await graph.router.reload();
    expect(await graph.ask('{ farewell }')).toEqual(SERVED);
    expect((await load.stop()).wrong).toEqual([]);
  });

  test('does not touch a request in hand: it ends on the graph that it began on', async () => {
    writeFileSync(graph.supergraphPath, SECOND);
    await eventually(async () => expect(await graph.ask('{ farewell }')).toEqual(SERVED));
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    graph.people.answer = (
      (answer) => (request) =>
        void held.then(() => answer(request))
    )(graph.people.answer);
    const seen = graph.people.requests.length;
    // The entities are asked of shop after people has answered, long after the graph was replaced.
    const answer = graph.ask('{ people { favourite } farewell }');
    await eventually(() => expect(graph.people.requests.length).toBeGreaterThan(seen));
    writeFileSync(graph.supergraphPath, FIRST);
    await eventually(async () => expect((await graph.ask('{ farewell }')).status).toBe(400));
    release();
    expect(await answer).toEqual({
      status: 200,
      data: { people: EVERYONE.map(() => ({ favourite: 'tea' })), farewell: 'bye' },
    });
  });
});
