import { type DocumentNode, getOperationAST } from 'graphql';
import { hashOf } from '../documents.ts';
import type { LoadedGraph } from '../gateway/loaded-graph.ts';
import { Generations } from '../generations.ts';
import { createGuards, type Guards } from './guards.ts';
import { type Compile, KnownOperation, type KnownText } from './known-operation.ts';

/** Characters of text; what is made of a text is a hundred times its size, at worst. */
const LIMITS = { maxEntries: 2_000, maxWeight: 1024 * 1024 };
const MAX_NAMES = 100;

/** The documents that one graph has been asked and that were found sound. Bounded; what is forgotten is looked at anew. */
export class KnownTexts {
  readonly graph: LoadedGraph;
  readonly #guards: Guards;
  readonly #compile: Compile;
  readonly #texts = new Generations<KnownText>(LIMITS);
  readonly #persisted = new Generations<string>(LIMITS);

  constructor(graph: LoadedGraph, compile: Compile) {
    this.graph = graph;
    this.#compile = compile;
    this.#guards = createGuards(graph.schema);
  }

  find(text: string): KnownText | undefined {
    return this.#texts.get(text);
  }

  /** By the hash that it was registered under. */
  findPersisted(hash: string): KnownText | undefined {
    const text = this.#persisted.get(hash);
    return text === undefined ? undefined : this.#texts.get(text);
  }

  /**
   * @param document found sound by this graph's schema
   * @returns undefined when it has no operation of that name
   */
  admit(text: string, document: DocumentNode, operationName: string | undefined): KnownOperation | undefined {
    const known = this.#texts.get(text) ?? this.#add(text, document);
    const named = known.operations.get(operationName);
    if (named !== undefined) return named;
    const node = getOperationAST(known.document, operationName);
    if (!node) return undefined;
    const operation =
      [...known.operations.values()].find((one) => one.node === node) ??
      new KnownOperation(this.graph, known, node, this.#compile);
    if (known.operations.size < MAX_NAMES) known.operations.set(operationName, operation);
    return operation;
  }

  /** A client has registered the hash of an admitted text. */
  persist(known: KnownText, hash: string): void {
    if (known.persistedHash === hash || hashOf(known.text) !== hash) return;
    known.persistedHash = hash;
    this.#persisted.set(hash, known.text, known.text.length);
  }

  /** It could not be executed: the next request for it is looked at anew. */
  forget({ text }: KnownText): void {
    this.#texts.delete(text);
  }

  /** What was asked for lately, oldest first. */
  recent(): KnownText[] {
    return this.#texts.young();
  }

  #add(text: string, document: DocumentNode): KnownText {
    const known: KnownText = {
      text,
      document,
      guarded: this.#guards(document),
      persistedHash: null,
      operations: new Map(),
    };
    this.#texts.set(text, known, text.length);
    return known;
  }
}
