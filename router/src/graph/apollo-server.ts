import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import type { GatewayInterface } from '@apollo/server-gateway-interface';
import type { Logger } from '@ebuy/runtime';
import { GraphQLError } from 'graphql';
import type { GraphContext } from './context.ts';
import { codesOf, presentError } from './errors.ts';
import type { PersistedQueries } from './persisted-queries.ts';
import { requestScope } from './request-scope.ts';
import { statusByAccept } from './status.ts';

/** The storefront's largest operation has 350 tokens, a full introspection 450. */
const MAX_TOKENS = 4_000;
/** Selections once every fragment is spread out: an operation of fragments within fragments grows exponentially. */
const MAX_SELECTIONS = 5_000;
const MAX_VALIDATION_ERRORS = 20;

export interface GraphOptions {
  readonly gateway: GatewayInterface;
  readonly persistedQueries: PersistedQueries;
  readonly isProduction: boolean;
  readonly logger: Logger;
}

/** Apollo Server as a pipeline for what is new: persisted queries, parse, validate, admit; and for every error. It listens to nothing itself. */
export function createApolloServer({
  gateway,
  persistedQueries,
  isProduction,
  logger,
}: GraphOptions): ApolloServer<GraphContext> {
  return new ApolloServer<GraphContext>({
    gateway,
    logger,
    nodeEnv: isProduction ? 'production' : 'development',
    introspection: !isProduction,
    hideSchemaDetailsFromClientErrors: isProduction,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: { cache: persistedQueries },
    parseOptions: { maxTokens: MAX_TOKENS },
    maxRecursiveSelections: MAX_SELECTIONS,
    validationOptions: { maxErrors: MAX_VALIDATION_ERRORS },
    formatError: (formatted) => presentError(formatted, isProduction, requestScope.getStore()?.correlationId),
    stringifyResult: async (result) => JSON.stringify(result),
    stopOnTerminationSignals: false,
    plugins: [ApolloServerPluginLandingPageDisabled(), recordRequest, statusByAccept],
  });
}

function subscriptionsNotServed(): GraphQLError {
  return new GraphQLError('The router does not serve subscriptions yet. Ask again with a query for what you watch.', {
    extensions: { code: 'SUBSCRIPTIONS_NOT_SERVED', http: { status: 400 } },
  });
}

/** Notes what the request's log line will say. */
const recordRequest: ApolloServerPlugin<GraphContext> = {
  async requestDidStart({ contextValue: { record } }) {
    return {
      async didResolveOperation({ operationName, operation }) {
        record.operationName = operationName;
        record.operationType = operation?.operation ?? null;
        if (operation?.operation === 'subscription') throw subscriptionsNotServed();
      },
      async didEncounterErrors({ errors }) {
        record.errorCodes = codesOf(errors);
      },
    };
  },
};
