/**
 * Subscriptions: the WebSocket side of a subgraph's `/graphql`, in the protocol graphql-transport-ws
 * (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md). Only services of the shop are let in, each connection for one caller,
 * by a signed identity in connection_init: `{ "identity": "…" }`. Nothing but subscriptions is answered here.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  OperationTypeNode,
  parse,
  validate,
} from 'graphql';
import {
  CloseCode,
  type Context,
  handleProtocols,
  makeServer,
  type Server,
  type ServerOptions,
  type SubscribePayload,
} from 'graphql-ws';
import { Gauge, type Registry } from 'prom-client';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Identity, type IdentityKeys, SIGNED_PURPOSES, verifyIdentity } from '../identity.ts';
import type { Logger } from '../logger.ts';
import type { RequestContext } from './context.ts';
import { presentErrors, presentResult, runSubscription } from './streaming.ts';

/** Of one process. A caller has a connection of its own, so this bounds the callers, too. */
const MAX_CONNECTIONS = 10_000;
const MAX_SUBSCRIPTIONS = 100;
const MAX_MESSAGE_BYTES = 64 * 1024;
/** Answers that a client has not read: whoever sends on nevertheless would fill this process with them. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;
const MAX_TOKENS = 5_000;
const INIT_TIMEOUT_MS = 3_000;
const KEEP_ALIVE_MS = 12_000;
/** What a caller may do is known from connection_init: after this long they have to say again who they are. */
const MAX_AGE_MS = 60 * 60 * 1_000;
const DRAIN_MS = 1_000;

/** RFC 6455 and its registry: "service restart", after which clients of graphql-ws come back by themselves. */
const COME_BACK = 1012;

interface Extra {
  identity?: Identity;
}
type Connection = Context<Record<string, unknown>, Extra>;

export interface SocketOptions {
  readonly name: string;
  /** With its authorization enforced. */
  readonly schema: GraphQLSchema;
  readonly identityKeys: IdentityKeys;
  readonly logger: Logger;
  readonly metrics: Registry;
}

export interface GraphSocket {
  /** For the HTTP server's `upgrade`. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Lets nobody in any more, tells everyone to come back, and waits until their subscriptions have ended. */
  drain(): Promise<void>;
}

export function createGraphSocket(options: SocketOptions): GraphSocket {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols,
  });
  const connections = new Set<Connection>();
  countSubscriptions(options.metrics, connections);
  const protocol = makeServer<Record<string, unknown>, Extra>({
    ...answering(options),
    onConnect(connection) {
      connections.add(connection);
      const token = connection.connectionParams?.identity;
      const identity = verifyIdentity(
        typeof token === 'string' ? token : undefined,
        { to: options.name, body: SIGNED_PURPOSES.subscriptions },
        options.identityKeys,
      );
      if (identity === null) return false;
      connection.extra.identity = identity;
      return true;
    },
    onClose: (connection) => void connections.delete(connection),
  });
  let draining = false;
  return {
    upgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      if (request.url !== '/graphql') return refuse(socket, '404 Not Found');
      if (draining || sockets.clients.size >= MAX_CONNECTIONS) return refuse(socket, '503 Service Unavailable');
      sockets.handleUpgrade(request, socket, head, (opened) => serve(opened, protocol, options.logger));
    },
    async drain() {
      draining = true;
      const closed = [...sockets.clients].map((socket) => {
        socket.close(COME_BACK, 'Going away: connect again');
        return new Promise((resolve) => socket.once('close', resolve));
      });
      const late = setTimeout(() => sockets.clients.forEach((socket) => void socket.terminate()), DRAIN_MS);
      await Promise.all(closed);
      clearTimeout(late);
    },
  };
}

/** What is asked over a connection, and how it is answered. */
function answering({ schema, logger }: SocketOptions): ServerOptions<Record<string, unknown>, Extra> {
  return {
    connectionInitWaitTimeout: INIT_TIMEOUT_MS,
    onSubscribe(connection, _, payload) {
      const context = contextOf(connection, logger);
      if (Object.keys(connection.subscriptions).length > MAX_SUBSCRIPTIONS) {
        return [refusal('TOO_MANY_SUBSCRIPTIONS', `A connection has at most ${MAX_SUBSCRIPTIONS} subscriptions.`)];
      }
      return prepare(schema, payload, context);
    },
    subscribe: (args) => runSubscription(args as Parameters<typeof runSubscription>[0]),
    onNext: (_, __, ___, args, result) => presentResult(result, args.contextValue as RequestContext),
    onError: (connection, _, __, errors) => presentErrors(errors, contextOf(connection, logger)),
  };
}

function contextOf({ extra }: Connection, logger: Logger): RequestContext {
  if (extra.identity === undefined) throw new Error('nobody subscribes before connection_init');
  return { ...extra.identity, logger };
}

/** Ready to run, or why not. */
function prepare(
  schema: GraphQLSchema,
  { query, operationName, variables }: SubscribePayload,
  contextValue: RequestContext,
): ExecutionArgs | readonly GraphQLError[] {
  let document: DocumentNode;
  try {
    document = parse(query, { maxTokens: MAX_TOKENS });
  } catch (error) {
    return [refusal('GRAPHQL_PARSE_FAILED', error instanceof Error ? error.message : 'It cannot be parsed.')];
  }
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) {
    return [refusal('SUBSCRIPTIONS_ONLY', 'Only subscriptions are answered over this socket. POST all else.')];
  }
  const errors = validate(schema, document);
  if (errors.length > 0) return errors.map(({ message }) => refusal('GRAPHQL_VALIDATION_FAILED', message));
  return { schema, document, operationName, variableValues: variables, contextValue };
}

function refusal(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

/** One connection: its messages to the protocol, a ping every while, an end after its time. */
function serve(socket: WebSocket, protocol: Server<Extra>, logger: Logger): void {
  // Its closing follows by itself: a frame beyond the limit, a reset.
  socket.on('error', (error) => logger.debug({ err: error }, 'a socket failed'));
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      // Resolves once it has left this process: a slow reader holds back its own next event, no more.
      send: (message) =>
        new Promise((resolve, reject) => {
          if (socket.readyState !== socket.OPEN) resolve();
          else socket.send(message, (error) => (error ? reject(error) : resolve()));
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (receive) => {
        socket.on('message', (message) => {
          if (socket.bufferedAmount > MAX_UNREAD_BYTES) return socket.terminate();
          receive(String(message)).catch((error: unknown) => {
            if (socket.readyState !== socket.OPEN) return;
            logger.error({ err: error }, 'a message on a socket failed');
            socket.close(CloseCode.InternalServerError, 'Something went wrong on our side.');
          });
        });
      },
    },
    {},
  );
  let isAlive = true;
  socket.on('pong', () => {
    isAlive = true;
  });
  const keepAlive = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, KEEP_ALIVE_MS);
  const age = setTimeout(() => socket.close(COME_BACK, 'Say again who asks: connect again'), MAX_AGE_MS);
  socket.once('close', (code, reason) => {
    clearInterval(keepAlive);
    clearTimeout(age);
    closed(code, String(reason)).catch((error: unknown) =>
      logger.error({ err: error }, 'a subscription could not be ended'),
    );
  });
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

function countSubscriptions(metrics: Registry, connections: ReadonlySet<Connection>): void {
  new Gauge({
    name: 'ebuy_graph_subscriptions',
    help: 'Subscriptions that are open over WebSockets.',
    registers: [metrics],
    collect() {
      this.set([...connections].reduce((sum, { subscriptions }) => sum + Object.keys(subscriptions).length, 0));
    },
  });
}
