import type { FetchNode, ResponsePath } from '@apollo/query-planner';
import type { LoadedGraph } from '../gateway/loaded-graph.ts';
import { toClientError } from './answer.ts';
import { compileAsk, gapOf } from './ask.ts';
import { merge } from './merge.ts';
import { prepareBody } from './request-body.ts';
import { rewritePath, rewritesOf } from './rewrites.ts';
import type { Path, Run, Step } from './run.ts';
import { pathsOf, targetsAt } from './targets.ts';

/** Fields of the root, or of an object that needs no naming: the answer is merged into it as it comes. */
export function compileRootFetch(graph: LoadedGraph, node: FetchNode, path: ResponsePath): Step {
  const ask = compileAsk(graph, node.serviceName, node);
  const body = prepareBody(node.operation, node.operationName, node.variableUsages);
  const rewrite = rewritesOf(graph.schema, node.outputRewrites);
  const isRoot = path.length === 0;
  // What stands at the path is looked up anew each time: another fetch may have put the root in place meanwhile.
  const targets = (run: Run) => (isRoot ? [run.data] : targetsAt(run.data, path));
  const places = (run: Run): Path[] => (isRoot ? [[]] : [...pathsOf(run.data, path).values()].flat());
  return async (run) => {
    if (targets(run).length === 0) return;
    const answer = await ask(run, body.with(run, []), () => targets(run));
    if (answer === null) return;
    const { data, errors } = answer;
    if (data === null) {
      run.addGap(targets(run), gapOf(node, errors));
    } else {
      rewrite(data);
      if (isRoot) run.add(data);
      else for (const target of targets(run)) merge(target, data);
    }
    for (const [index, error] of errors.entries()) {
      if (error.path === null) {
        // Without data, the first is what every missing field is reported with.
        if (data !== null || index > 0) run.addError(toClientError(error, null));
        continue;
      }
      const inAnswer = rewritePath(node.outputRewrites, error.path);
      for (const place of places(run)) run.addError(toClientError(error, [...place, ...inAnswer]));
    }
  };
}
