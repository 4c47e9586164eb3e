import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'graphql';
import { EXAMPLES } from './examples.ts';
import { caseGenes } from './genes.ts';
import { compose, type GraphText, mustCompose, type TestGraph } from './graph.ts';
import { media } from './graphs/media.ts';
import { moves } from './graphs/moves.ts';
import { shapes } from './graphs/shapes.ts';
import { shop } from './graphs/shop.ts';
import { judge, judgeGenes } from './judge.ts';
import { drawGraph } from './random-graph.ts';
import { OTHER_WORDS, WHERE_APOLLO_IS_WRONG, WHERE_FAULTS_DIFFER, WHERE_THE_PLANNER_IS_WRONG } from './rules.ts';

/** How many operations are generated; DIFFERENTIAL_RUNS=20000 makes it a long run. */
const RUNS = Number(process.env.DIFFERENTIAL_RUNS ?? 160);
/** Of the first run; a failure prints it. DIFFERENTIAL_SEED takes another. */
const SEED = Number(process.env.DIFFERENTIAL_SEED ?? 20_261_124);
const GRAPHS = { shop, media, moves, shapes };
const RUNS_A_DRAWN_GRAPH = 10;
const HOURS = 4 * 3_600_000;

const graphs = new Map<string, Promise<TestGraph>>();

function graphOf(text: GraphText): Promise<TestGraph> {
  const graph = graphs.get(text.name) ?? mustCompose(text);
  graphs.set(text.name, graph);
  return graph;
}

async function judgeMany(graph: TestGraph, numRuns: number, seed: number): Promise<void> {
  for (const faults of [0, 1, 3]) {
    await fc.assert(
      fc.asyncProperty(caseGenes(faults), async (genes) => {
        const { problems, report } = await judgeGenes(graph, genes);
        if (problems.length > 0) throw new Error(`${problems.join('\n')}\n${report}`);
      }),
      { numRuns: Math.ceil(numRuns / 3), seed, endOnFailure: false, interruptAfterTimeLimit: HOURS },
    );
  }
}

describe.each(Object.values(GRAPHS))('$name', (text) => {
  test(
    'is answered as the specification has it, and with faults as Apollo does but for what has a rule',
    async () => judgeMany(await graphOf(text), (RUNS * 3) / 4 / Object.keys(GRAPHS).length, SEED),
    HOURS,
  );
});

test(
  'so are graphs drawn at random',
  async () => {
    const count = Math.ceil(RUNS / 4 / RUNS_A_DRAWN_GRAPH);
    let composed = 0;
    for (let index = 0; index < count; index += 1) {
      const graph = await compose(drawGraph(SEED + index));
      if (typeof graph === 'string') continue;
      composed += 1;
      await judgeMany(graph, RUNS_A_DRAWN_GRAPH, SEED + index);
    }
    expect(composed).toBeGreaterThan(count / 2);
  },
  HOURS,
);

describe('what differs from Apollo', () => {
  test.each(EXAMPLES)(
    '$rule',
    async ({ rule, graph: name, text, faults = [], variables = {}, seed = 1, labels = 0 }) => {
      const graph = await graphOf(GRAPHS[name]);
      const operation = { text, document: parse(text), variables };
      const verdict = await judge(graph, { operation, seed, labels, faultsAmong: () => faults });
      expect({ ...verdict, report: verdict.problems.length > 0 ? verdict.report : '' }).toEqual({
        problems: [],
        rules: expect.arrayContaining([rule]),
        report: '',
      });
    },
  );

  test('has an example for each rule', () => {
    const names = [...WHERE_THE_PLANNER_IS_WRONG, ...WHERE_APOLLO_IS_WRONG, ...WHERE_FAULTS_DIFFER, ...OTHER_WORDS].map(
      ({ name }) => name,
    );
    expect([...new Set(EXAMPLES.map(({ rule }) => rule))].sort()).toEqual(names.sort());
  });
});
