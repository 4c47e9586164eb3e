import { setImmediate } from 'node:timers/promises';
import type { Caller, Logger } from '@ebuy/runtime';
import { type DocumentNode, GraphQLError, type GraphQLSchema, specifiedRules, validate } from 'graphql';
import type { ExecutionAnswer } from '../executor/compile.ts';
import type { DeferredAnswer } from '../executor/deferral.ts';
import type { LoadedGraph } from '../gateway/loaded-graph.ts';
import { InFlight } from '../in-flight.ts';
import type { Compile, KnownOperation, KnownText, Variables, Variant } from './known-operation.ts';
import { KnownTexts } from './known-texts.ts';
import type { Overriding } from './override-labels.ts';
import { scopeOf } from './scope.ts';
import { SharedAnswer } from './shared-answer.ts';

export interface OperationsOptions {
  readonly compile: Compile;
  /** What is served from the first request on. */
  readonly graph: LoadedGraph;
  /** The graph of an API schema, for a request that was validated by that. */
  readonly graphOf: (apiSchema: GraphQLSchema) => LoadedGraph | undefined;
  readonly overriding: Overriding;
  /** Whether equal queries of equal callers that are under way at the same time are one. */
  readonly inFlightSharing: boolean;
  readonly logger: Logger;
}

/** Who asks, as far as an answer or a subgraph is concerned. */
export interface Asker {
  readonly caller: Caller;
  readonly correlationId: string;
  readonly clientAddress: string | null;
}

/** A request that will be executed: nothing about it can be refused any more. */
export interface Admitted {
  readonly operation: KnownOperation;
  readonly variant: Variant;
  readonly variables: Variables;
  readonly coerced: Record<string, unknown>;
}

/** A request whose document has just been found sound. */
export interface Candidate {
  readonly schema: GraphQLSchema;
  readonly text: string;
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly variables: Variables;
  /** The hash that came with the request, proven to be the text's. */
  readonly persistedHash: string | undefined;
}

const MAX_WARMED = 200;

/** The operations that this process knows, and their executions. */
export class Operations {
  readonly #options: OperationsOptions;
  readonly #byGraph = new WeakMap<LoadedGraph, KnownTexts>();
  readonly #inFlight = new InFlight<SharedAnswer>();
  #current: KnownTexts;
  #latest: LoadedGraph;

  constructor(options: OperationsOptions) {
    this.#options = options;
    this.#latest = options.graph;
    this.#current = this.#textsOf(options.graph);
  }

  find(text: string): KnownText | undefined {
    return this.#current.find(text);
  }

  /** By the hash that a client has registered it under. */
  findPersisted(hash: string): KnownText | undefined {
    return this.#current.findPersisted(hash);
  }

  /** Null: there is something to refuse, or to find out, which is not done here. */
  prepare(operation: KnownOperation, variables: Variables, asker: Asker): Admitted | null {
    try {
      const coerced = operation.coerce(variables);
      if ('errors' in coerced) return null;
      return { operation, variant: this.#variantOf(operation, asker), variables, coerced: coerced.coerced };
    } catch {
      return null;
    }
  }

  /**
   * From now on the operation is known.
   *
   * @throws GraphQLError when it cannot be planned
   */
  admit(candidate: Candidate, asker: Asker): Admitted | { readonly errors: readonly GraphQLError[] } {
    const { schema, text, document, operationName, variables, persistedHash } = candidate;
    const graph = this.#options.graphOf(schema);
    if (graph === undefined) throw new Error('A schema that no loaded graph has.');
    const texts = this.#textsOf(graph);
    const operation = texts.admit(text, document, operationName);
    if (operation === undefined) return { errors: [noSuchOperation(operationName)] };
    if (persistedHash !== undefined) texts.persist(operation.text, persistedHash);
    const coerced = operation.coerce(variables);
    if ('errors' in coerced) return coerced;
    try {
      return { operation, variant: this.#variantOf(operation, asker), variables, coerced: coerced.coerced };
    } catch (error) {
      texts.forget(operation.text);
      throw error;
    }
  }

  /** Never rejects for what a subgraph does. */
  execute(admitted: Admitted, asker: Asker): Promise<SharedAnswer> {
    const { operation, variant, variables } = admitted;
    const scope = scopeOf(asker.caller);
    if (operation.kind !== 'query') return this.#change(admitted, asker, scope);
    if (!this.#options.inFlightSharing) return start(admitted, asker, scope);
    const key = operation.hasVariables ? `${variant.id} ${JSON.stringify(variables)}` : String(variant.id);
    return this.#inFlight.share(scope, key, () => start(admitted, asker, scope));
  }

  /** The same, told in parts. Null: nothing of it is deferred. Nobody shares it: what is told in parts is told once. */
  executeDeferred({ operation, variant, variables, coerced }: Admitted, asker: Asker): Promise<DeferredAnswer> | null {
    const scope = scopeOf(asker.caller);
    const { caller, correlationId, clientAddress } = asker;
    const context = { caller, correlationId, clientAddress, scope };
    const answer = variant.executable.executeDeferred(variables, coerced, context);
    if (answer === null || operation.kind === 'query') return answer;
    return answer.finally(() => this.#inFlight.forget(scope));
  }

  /**
   * Serves another graph once what was asked for lately is compiled for it. A later one goes before.
   *
   * @throws Error at once for a graph that cannot be guarded
   */
  adopt(graph: LoadedGraph): Promise<void> {
    const texts = this.#textsOf(graph);
    this.#latest = graph;
    return this.#adoptWarm(texts);
  }

  async #adoptWarm(texts: KnownTexts): Promise<void> {
    const { graph } = texts;
    const startedAt = performance.now();
    let warmed = 0;
    for (const known of this.#current.recent().slice(-MAX_WARMED)) {
      await setImmediate();
      if (this.#latest !== graph) return;
      if (warm(texts, known)) warmed += 1;
    }
    this.#current = texts;
    this.#options.logger.info(
      { graph: graph.id, operations: warmed, durationMs: Math.round(performance.now() - startedAt) },
      'known operations are compiled for the new supergraph',
    );
  }

  async #change(admitted: Admitted, asker: Asker, scope: string): Promise<SharedAnswer> {
    try {
      return await start(admitted, asker, scope);
    } finally {
      this.#inFlight.forget(scope);
    }
  }

  #variantOf(operation: KnownOperation, { caller, correlationId }: Asker): Variant {
    const overrides = this.#options.overriding(operation.graph.overrideLabels, caller, correlationId);
    return operation.variantFor(caller, overrides);
  }

  #textsOf(graph: LoadedGraph): KnownTexts {
    let texts = this.#byGraph.get(graph);
    if (texts === undefined) {
      texts = new KnownTexts(graph, this.#options.compile);
      this.#byGraph.set(graph, texts);
    }
    return texts;
  }
}

async function start({ variant, variables, coerced }: Admitted, asker: Asker, scope: string): Promise<SharedAnswer> {
  const { caller, correlationId, clientAddress } = asker;
  const answer: ExecutionAnswer = await variant.executable.execute(variables, coerced, {
    caller,
    correlationId,
    clientAddress,
    scope,
  });
  return new SharedAnswer(answer);
}

/** Compiles for another graph what is sound by that, too; the rest is looked at when it is asked again. */
function warm(texts: KnownTexts, { text, document, persistedHash, operations }: KnownText): boolean {
  try {
    if (validate(texts.graph.apiSchema, document, specifiedRules, { maxErrors: 1 }).length > 0) return false;
    for (const name of operations.keys()) {
      const operation = texts.admit(text, document, name);
      operation?.warm();
      if (operation !== undefined && persistedHash !== null) texts.persist(operation.text, persistedHash);
    }
    return true;
  } catch {
    return false;
  }
}

function noSuchOperation(name: string | undefined): GraphQLError {
  return new GraphQLError(
    name === undefined
      ? 'Must provide operation name if query contains multiple operations.'
      : `Unknown operation named "${name}".`,
  );
}
