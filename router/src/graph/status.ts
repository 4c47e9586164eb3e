import type { ApolloServerPlugin } from '@apollo/server';
import type { GraphContext } from './context.ts';

/**
 * GraphQL over HTTP has two answers to a document that is unsound: 400 as application/graphql-response+json, 200 as the older
 * application/json. Apollo gives 400 to all; a client that names the older type alone gets what it was promised.
 */
export const statusByAccept: ApolloServerPlugin<GraphContext> = {
  async requestDidStart() {
    return {
      async willSendResponse({ request, response }) {
        if (response.http.status !== 400 || response.body.kind !== 'single') return;
        if (!namesOldTypeAlone(request.http?.headers.get('accept'))) return;
        const { errors = [] } = response.body.singleResult;
        if (errors.every(({ extensions }) => UNSOUND.has(extensions?.code))) response.http.status = 200;
      },
    };
  },
};

const UNSOUND: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
]);

function namesOldTypeAlone(accept = ''): boolean {
  return /\bapplication\/json\b/i.test(accept) && !/\bapplication\/graphql-response\+json\b/i.test(accept);
}
