import type { FetchNode } from '@apollo/query-planner';
import type { LoadedGraph } from '../gateway/loaded-graph.ts';
import { UpstreamFailure } from '../upstream/upstream.ts';
import { broken, readSubgraphAnswer, type SubgraphAnswer, type SubgraphError, toClientError } from './answer.ts';
import { responseKeysOf } from './response-keys.ts';
import type { Entity, Gap, Run } from './run.ts';

/** A request that a fetch sends: the planned one, or several joined. */
export type Request = Pick<FetchNode, 'operation' | 'operationName' | 'operationKind'>;

/**
 * Sends a fetch's body and reads the answer. Null: nothing usable came, and the run knows which objects lack what.
 *
 * @param lacking the objects that the answer is about
 * @param check throws when the answer is not one to this request
 */
export type Ask = (
  run: Run,
  body: string,
  lacking: () => Iterable<Entity>,
  check?: (answer: SubgraphAnswer) => void,
) => Promise<SubgraphAnswer | null>;

export function compileAsk(graph: LoadedGraph, subgraph: string, request: Request): Ask {
  const upstream = graph.upstreams.get(subgraph);
  const kind = request.operationKind === 'mutation' ? 'mutation' : 'query';
  const read = (bytes: Buffer, run: Run, check: Parameters<Ask>[3]): SubgraphAnswer => {
    try {
      const answer = readSubgraphAnswer(bytes);
      check?.(answer);
      run.bytes = answer.isDataAlone ? bytes : null;
      return answer;
    } catch (error) {
      const { correlationId } = run.context;
      const err = error instanceof UpstreamFailure ? error.cause : error;
      graph.logger.warn({ err, subgraph, operation: request.operationName, correlationId }, 'not an answer to a fetch');
      throw error;
    }
  };
  return async (run, body, lacking, check) => {
    try {
      if (upstream === undefined) throw broken(`no address is known of the subgraph ${subgraph}`);
      const { body: bytes, cacheControl } = await upstream.ask(body, run.context, kind);
      const answer = read(bytes, run, check);
      run.cacheHints.push(cacheControl);
      return answer;
    } catch (error) {
      run.addGap(lacking(), {
        error: error instanceof UpstreamFailure ? error : broken(error),
        keys: responseKeysOf(request.operation),
      });
      return null;
    }
  };
}

/** Why everything that a fetch would have given is missing, when its answer holds errors alone. */
export function gapOf({ operation }: Request, [error]: readonly SubgraphError[]): Gap {
  return {
    error: error === undefined ? broken('neither data nor errors') : toClientError(error, null),
    keys: responseKeysOf(operation),
  };
}
