import { isDeepStrictEqual } from 'node:util';
import { pick } from './chance.ts';
import { whatIsWrong } from './conform.ts';
import { type Answer, type Asked, byApollo, byTheSpecification, coercedOf, compileOurs } from './executors.ts';
import { ANSWER_FAULTS, createFaults, type Fault, type Faults, FIELD_FAULTS, type Place } from './faults.ts';
import type { CaseGenes, FaultGene } from './genes.ts';
import type { TestGraph } from './graph.ts';
import { type GraphLaws, lawsOf } from './laws.ts';
import { isExplained, newNulls, pathProblem } from './nulls.ts';
import { grow, type Operation } from './operation.ts';
import {
  type Compared,
  lostErrors,
  type Rule,
  WHERE_APOLLO_IS_WRONG,
  WHERE_FAULTS_DIFFER,
  WHERE_THE_PLANNER_IS_WRONG,
} from './rules.ts';
import { type AskSubgraph, subgraphsOf } from './subgraph.ts';
import { createWorld } from './world.ts';

export interface Case {
  readonly operation: Operation;
  /** Of the world. */
  readonly seed: number;
  /** Which labels of progressive @override are on, by their bits. */
  readonly labels: number;
  /** The faults, once it is known which places the operation reaches. */
  readonly faultsAmong: (reached: readonly Place[]) => readonly Fault[];
}

/** How one case went. */
export interface Verdict {
  /** Empty when all is well. */
  readonly problems: string[];
  /** The rules that were needed. */
  readonly rules: string[];
  /** All one needs to see what happened. */
  readonly report: string;
}

/** Grows a case from its genes, and judges it. */
export async function judgeGenes(graph: TestGraph, genes: CaseGenes): Promise<Verdict> {
  const operation = grow(graph.apiSchema, genes);
  if (operation === null)
    return { problems: ['no operation grew from the genes'], rules: [], report: JSON.stringify(genes) };
  const faultsAmong = (reached: readonly Place[]) => genes.faults.flatMap((one) => faultOf(one, reached, graph));
  return judge(graph, { operation, seed: genes.seed, labels: genes.variables, faultsAmong });
}

/**
 * Answers an operation by the router, by Apollo and by the specification, without faults and with them. Without, the router has to be as
 * specified to the byte. With them, its answer has to be one of the operation, say why what is null is null, and be Apollo's but for what
 * has a rule.
 */
export async function judge(graph: TestGraph, { operation, seed, labels, faultsAmong }: Case): Promise<Verdict> {
  const asked: Asked = { graph, operation, overrides: overridesOf(graph, labels) };
  const verdict: Verdict = { problems: [], rules: [], report: '' };
  const world = createWorld(graph.schema, lawsFor(graph), seed);
  const answers = new Map<string, Answer | string>();
  const note = async (title: string, answer: () => Promise<Answer> | Answer): Promise<Answer | string> => {
    const found = await attempt(answer);
    answers.set(title, found);
    return found;
  };
  let compiled: ((ask: AskSubgraph) => Promise<Answer>) | null = null;
  const ours = (faults: Faults) => {
    compiled ??= compileOurs(asked);
    return compiled(subgraphsOf(graph, world, faults));
  };
  const apollo = (faults: Faults): Promise<Answer> => byApollo(asked, subgraphsOf(graph, world, faults));

  const quiet = createFaults([]);
  const specified = byTheSpecification(asked, world);
  answers.set('the specification', specified);
  const clean = {
    ours: await note('the router', () => ours(quiet)),
    apollo: await note('Apollo', () => apollo(createFaults([]))),
  };
  const faults = faultsAmong(quiet.reached);
  const isApolloRight = judgeClean(verdict, {
    graph,
    operation,
    faults: [],
    specified,
    reached: { ours: [], apollo: [] },
    ...clean,
  });
  const isOursRight = typeof clean.ours !== 'string' && clean.ours.text === specified.text;
  if (faults.length > 0 && isOursRight && verdict.problems.length === 0) {
    const met = { ours: createFaults(faults), apollo: createFaults(faults) };
    const faulty = await note('the router, with the faults', () => ours(met.ours));
    const apolloFaulty = isApolloRight ? await note('Apollo, with the faults', () => apollo(met.apollo)) : null;
    const reached = { ours: met.ours.reached, apollo: met.apollo.reached };
    const again = await note('the router, once more without', () => ours(createFaults([])));
    if (typeof again === 'string' || again.text !== specified.text || again.errors.length > 0)
      verdict.problems.push('the router remembers the faults');
    judgeFaulty(verdict, { graph, operation, faults, reached, specified, ours: faulty, apollo: apolloFaulty });
  }
  return { ...verdict, report: reportOf(asked, faults, answers, seed) };
}

type Answered = Omit<Compared, 'ours' | 'apollo'> & {
  readonly ours: Answer | string;
  readonly apollo: Answer | string | null;
};

/** @returns whether Apollo's answer is as specified as well */
function judgeClean({ problems, rules }: Verdict, { ours, apollo, ...rest }: Answered): boolean {
  const { specified } = rest;
  if (specified.errors.length > 0) problems.push('the test has a world that its own schema refuses');
  if (typeof ours === 'string') {
    problems.push(`the router threw: ${ours}`);
    return false;
  }
  if (apollo === null) return false;
  if (ours.errors.length > 0 || ours.text !== specified.text) {
    explain(WHERE_THE_PLANNER_IS_WRONG, { ...rest, ours, apollo }, rules, problems, 'the router is not as specified');
    return false;
  }
  if (typeof apollo !== 'string' && apollo.errors.length === 0 && apollo.text === specified.text) return true;
  explain(
    WHERE_APOLLO_IS_WRONG,
    { ...rest, ours, apollo },
    rules,
    problems,
    'Apollo is not as specified, and no rule says why',
  );
  return false;
}

function judgeFaulty({ problems, rules }: Verdict, { ours, apollo, ...rest }: Answered): void {
  if (typeof ours === 'string') {
    problems.push(`the router threw: ${ours}`);
    return;
  }
  const { graph, operation, faults, specified } = rest;
  const data: unknown = JSON.parse(ours.text ?? 'null');
  const wrong = whatIsWrong(graph.apiSchema, operation, coercedOf(graph, operation), data);
  if (wrong !== null) problems.push(`the router's answer is none of this operation: ${wrong}`);
  for (const error of ours.errors) {
    const problem = pathProblem(data, error.path);
    if (problem !== null) problems.push(`an error's path leads nowhere: ${JSON.stringify(error)}: ${problem}`);
  }
  for (const path of newNulls(JSON.parse(specified.text ?? 'null'), data)) {
    if (!isExplained(ours.errors, faults, path)) problems.push(`no error says why ${path.join('.')} is null`);
  }
  if (apollo === null) return;
  const compared: Compared = { ...rest, ours, apollo };
  const apolloData: unknown =
    typeof apollo === 'string' || apollo.text === undefined ? undefined : JSON.parse(apollo.text);
  if (!isDeepStrictEqual(apolloData, data)) {
    explain(WHERE_FAULTS_DIFFER, compared, rules, problems, 'the data are not as Apollo has them');
    return;
  }
  const { lost, rules: others } = lostErrors(compared);
  rules.push(...others);
  for (const error of lost) problems.push(`an error of Apollo's is lost: ${JSON.stringify(error)}`);
}

function explain(
  candidates: readonly Rule[],
  compared: Compared,
  rules: string[],
  problems: string[],
  problem: string,
): void {
  const rule = candidates.find((one) => one.explains(compared));
  if (rule === undefined) problems.push(problem);
  else rules.push(rule.name);
}

const laws = new WeakMap<TestGraph, GraphLaws>();

function lawsFor(graph: TestGraph): GraphLaws {
  const known = laws.get(graph) ?? lawsOf(graph);
  laws.set(graph, known);
  return known;
}

async function attempt(answer: () => Promise<Answer> | Answer): Promise<Answer | string> {
  try {
    return await answer();
  } catch (error) {
    return String(error instanceof Error ? error.stack : error);
  }
}

function overridesOf(graph: TestGraph, labels: number): ReadonlyMap<string, boolean> {
  return new Map(graph.loaded.overrideLabels.map((label, index) => [label, ((labels >>> index) & 1) === 1]));
}

function faultOf(gene: FaultGene, reached: readonly Place[], graph: TestGraph): Fault[] {
  if (reached.length === 0) return [];
  const kind = gene.kind % (FIELD_FAULTS.length + ANSWER_FAULTS.length + 1);
  const at = pick(reached, gene.place);
  if (kind < FIELD_FAULTS.length) {
    const fault = FIELD_FAULTS[kind] ?? 'error';
    // The list of all entities is spoilt by faults of its own; one entity is there, or is not.
    if (at.field === 'Query._entities') return [];
    return [{ at, kind: at.field === '_entities' && fault !== 'error' ? 'null' : fault }];
  }
  const fault = ANSWER_FAULTS[kind - FIELD_FAULTS.length];
  if (fault === undefined) return [{ kind: 'unknown keys' }];
  const names = [...graph.parts.keys()].filter((name) => reached.some(({ subgraph }) => subgraph === name));
  return [{ subgraph: pick(names, gene.place), kind: fault }];
}

function reportOf(
  { graph, operation, overrides }: Asked,
  faults: readonly Fault[],
  answers: ReadonlyMap<string, Answer | string>,
  seed: number,
): string {
  const texts = [...answers].flatMap(([title, answer]) =>
    typeof answer === 'string'
      ? [`${title}: threw ${answer}`]
      : [
          `${title}: ${answer.text}`,
          ...answer.errors.map((one) => `  error ${JSON.stringify(one)}`),
          ...answer.requests.map((one) => `  asked ${one}`),
        ],
  );
  return [
    `graph ${graph.name}, world ${seed}, labels ${JSON.stringify([...overrides])}`,
    operation.text,
    `variables ${JSON.stringify(operation.variables)}`,
    ...faults.map((one) => `fault ${JSON.stringify(one)}`),
    ...texts,
  ].join('\n');
}
