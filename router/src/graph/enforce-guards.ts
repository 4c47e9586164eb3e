import type { ApolloServerPlugin, GraphQLRequestContext } from '@apollo/server';
import type { GraphQLFormattedError } from 'graphql';
import type { GraphContext } from './context.ts';
import type { Guards, RefusedField, Trimmed } from './guards.ts';

const MESSAGES = {
  UNAUTHENTICATED: 'Sign in first.',
  FORBIDDEN: 'You are not allowed to do this.',
} as const;

/** Lets the guards stand between validation and planning. */
export function enforceGuards(guards: Guards): ApolloServerPlugin<GraphContext> {
  return {
    async requestDidStart() {
      let trimmed: Trimmed | null = null;
      return {
        async didResolveOperation(request) {
          trimmed = guards(request.document, request.contextValue.caller);
          if (trimmed !== null) replaceDocument(request, trimmed);
        },
        async willSendResponse({ response, operationName, contextValue }) {
          if (trimmed === null || response.body.kind !== 'single') return;
          const { singleResult } = response.body;
          const refused = trimmed.empty(singleResult.data, operationName ?? null);
          if (refused.length === 0) return;
          singleResult.errors = [
            ...(singleResult.errors ?? []),
            ...refused.map((field) => toError(field, contextValue)),
          ];
          contextValue.record.errorCodes = [
            ...new Set([...contextValue.record.errorCodes, ...refused.map(({ code }) => code)]),
          ];
        },
      };
    },
  };
}

/** The gateway keeps plans by the query's hash, so a trimmed document must have another. */
function replaceDocument(request: GraphQLRequestContext<GraphContext>, { document, fingerprint }: Trimmed): void {
  Object.assign(request, { document, queryHash: `${request.queryHash}:${fingerprint}` });
}

function toError({ path, code }: RefusedField, { correlationId }: GraphContext): GraphQLFormattedError {
  return { message: MESSAGES[code], path, extensions: { code, correlationId } };
}
