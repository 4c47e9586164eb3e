import type { IncomingHttpHeaders } from 'node:http';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import type { Admission, GraphContext, RequestRecord } from '../graph/context.ts';
import { requestScope } from '../graph/request-scope.ts';
import type { Admitted, Asker } from '../operations/operations.ts';
import type { Answer } from './answer.ts';

/** Of a request's headers Apollo sees these, and nothing that could turn a feature on. */
const SEEN_HEADERS = ['accept', 'content-type', 'apollo-require-preflight', 'x-apollo-operation-name'] as const;

export interface PipelineRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: IncomingHttpHeaders;
  /** As in a URL, with its question mark. */
  readonly search: string;
  /** Parsed JSON. */
  readonly body: unknown;
}

/** Let through, to be executed and answered as this type; or answered. */
export type Outcome =
  | { readonly admitted: Admitted; readonly contentType: string }
  | { readonly admitted: null; readonly answer: Answer };

/** The long way of a request, for operations that this process does not know and for all that is not plain. */
export type Pipeline = (request: PipelineRequest, asker: Asker, record: RequestRecord) => Promise<Outcome>;

export function createPipeline(apollo: ApolloServer<GraphContext>): Pipeline {
  return async ({ method, headers, search, body }, asker, record) => {
    const admission: Admission = { admitted: null };
    const context: GraphContext = { ...asker, record, admission };
    const result = await requestScope.run({ correlationId: asker.correlationId }, () =>
      apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method, headers: seenHeaders(headers), search, body },
        context: async () => context,
      }),
    );
    const { status = 200 } = result;
    const contentType = result.headers.get('content-type');
    const { admitted } = admission;
    if (admitted !== null && status === 200 && contentType !== undefined) return { admitted, contentType };
    if (result.body.kind !== 'complete') throw new Error('The pipeline answers in one piece, and refusals only.');
    result.headers.delete('content-length');
    return {
      admitted: null,
      answer: { status, head: [...result.headers].flat(), body: result.body.string },
    };
  };
}

function seenHeaders(headers: IncomingHttpHeaders): HeaderMap {
  const seen = new HeaderMap();
  for (const name of SEEN_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string') seen.set(name, value);
  }
  return seen;
}
