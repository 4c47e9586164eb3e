import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { newId } from '@ebuy/kernel';
import {
  ANONYMOUS,
  type Caller,
  close,
  createGraphClient,
  type GraphAnswer,
  IDENTITY_HEADER,
  listen,
  portOf,
  SIGNED_PURPOSES,
  signIdentity,
  verifyIdentity,
} from '@ebuy/runtime';
import { createClient } from 'graphql-ws';

/** A key that a pair of services shares in tests: 32 random bytes. */
export function testKey(): string {
  return randomBytes(32).toString('base64url');
}

/** Where the router says that callers ask from: of a block that is nobody's (RFC 5737). */
export const CLIENT_ADDRESS = '203.0.113.7';

/** Asks a service that runs in this test, as the router would for a caller. */
export function asRouter(service: { name: string; port: number; key: string }) {
  const client = createGraphClient({
    from: 'router',
    to: service.name,
    url: `http://127.0.0.1:${service.port}/graphql`,
    keys: { [service.name]: service.key },
    deadlineMs: 20_000,
  });
  return {
    ask<Result>(
      query: string,
      variables: Record<string, unknown> = {},
      caller: Caller = ANONYMOUS,
    ): Promise<GraphAnswer<Result>> {
      return client.ask<Result>({ query, variables, caller, correlationId: newId(), clientAddress: CLIENT_ADDRESS });
    },
    /** A subscription of its own connection: awaits payload after payload until `return()`. Refused or broken off, it throws. */
    subscribe<Result>(query: string, variables: Record<string, unknown> = {}, caller: Caller = ANONYMOUS) {
      const socket = createClient({
        url: `ws://127.0.0.1:${service.port}/graphql`,
        retryAttempts: 0,
        connectionParams: () => ({
          identity: signIdentity(
            { from: 'router', to: service.name, body: SIGNED_PURPOSES.subscriptions, caller, correlationId: newId() },
            { [service.name]: service.key },
          ),
        }),
      });
      return socket.iterate<Result>({ query, variables });
    },
    close: () => client.close(),
  };
}

/** What the neighbour answers: the `data` of a GraphQL answer, or an error code. */
export type NeighbourAnswer = { readonly data: unknown } | { readonly errorCode: string };

/**
 * Stands in for another service of the shop (not for an engine): a graph endpoint that checks the caller's signature as the real
 * one does and answers by a function.
 */
export async function startNeighbour(
  name: string,
  keys: Readonly<Record<string, string>>,
  answer: (request: {
    query: string;
    variables: Record<string, unknown>;
    caller: Caller;
    service: string;
  }) => NeighbourAnswer | Promise<NeighbourAnswer>,
) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const identity = verifyIdentity(String(request.headers[IDENTITY_HEADER]), { to: name, body }, keys);
    if (!identity) return void response.writeHead(401).end('{}');
    const { query, variables } = JSON.parse(body.toString()) as { query: string; variables: Record<string, unknown> };
    const given = await answer({ query, variables, caller: identity.caller, service: identity.service });
    const payload =
      'data' in given
        ? given
        : { data: null, errors: [{ message: given.errorCode, extensions: { code: given.errorCode } }] };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(payload));
  });
  await listen(server, '127.0.0.1', 0);
  return { url: `http://127.0.0.1:${portOf(server)}/graphql`, port: portOf(server), close: () => close(server) };
}
