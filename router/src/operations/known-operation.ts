import type { Caller } from '@ebuy/runtime';
import { type DocumentNode, type GraphQLError, getVariableValues, type OperationDefinitionNode } from 'graphql';
import type { Executable } from '../executor/compile.ts';
import type { LoadedGraph } from '../gateway/loaded-graph.ts';
import type { Guarded } from './guards.ts';
import { NO_OVERRIDES, type Overrides } from './override-labels.ts';

/** A document that is sound by its graph. */
export interface KnownText {
  readonly text: string;
  readonly document: DocumentNode;
  readonly guarded: Guarded;
  /** Of the text, in hex: clients that know it may leave the text out. Null: nobody has registered it. */
  persistedHash: string | null;
  /** By the name that requests give; undefined: they give none. */
  readonly operations: Map<string | undefined, KnownOperation>;
}

export type Variables = Readonly<Record<string, unknown>>;

/** An operation as it is executed for callers who are refused the same, with the same labels on. */
export interface Variant {
  /** No other variant of any operation in this process has it. */
  readonly id: number;
  readonly executable: Executable;
}

export type Coerced = { readonly coerced: Record<string, unknown> } | { readonly errors: readonly GraphQLError[] };

const MAX_VARIANTS = 32;
/** As graphql-js has it. */
const MAX_VARIABLE_ERRORS = 50;

let variantsMade = 0;

/** One operation of a document that is sound by its graph. */
export class KnownOperation {
  readonly graph: LoadedGraph;
  readonly text: KnownText;
  readonly node: OperationDefinitionNode;
  readonly name: string | null;
  readonly #compile: Compile;
  readonly #variants = new Map<string, Variant>();

  constructor(graph: LoadedGraph, text: KnownText, node: OperationDefinitionNode, compile: Compile) {
    this.graph = graph;
    this.text = text;
    this.node = node;
    this.name = node.name?.value ?? null;
    this.#compile = compile;
  }

  get kind(): OperationDefinitionNode['operation'] {
    return this.node.operation;
  }

  /** @throws GraphQLError when it cannot be planned; it is tried again the next time */
  variantFor(caller: Caller, overrides: Overrides): Variant {
    const fingerprint = this.text.guarded.fingerprint(caller);
    const key = overrides.key === '' ? fingerprint : `${fingerprint} ${overrides.key}`;
    return this.#variants.get(key) ?? this.#make(key, fingerprint, overrides);
  }

  /** Compiles what most callers get. @throws GraphQLError */
  warm(): void {
    if (!this.#variants.has('')) this.#make('', '', NO_OVERRIDES);
  }

  get hasVariables(): boolean {
    return this.node.variableDefinitions !== undefined && this.node.variableDefinitions.length > 0;
  }

  coerce(variables: Variables): Coerced {
    if (!this.hasVariables) return { coerced: {} };
    const { variableDefinitions = [] } = this.node;
    const { errors, coerced } = getVariableValues(this.graph.apiSchema, variableDefinitions, variables, {
      maxErrors: MAX_VARIABLE_ERRORS,
    });
    return errors === undefined ? { coerced } : { errors };
  }

  #make(key: string, fingerprint: string, overrides: Overrides): Variant {
    const executable = this.#compile(this.graph, {
      document: this.text.document,
      operationName: this.name ?? undefined,
      refused: this.text.guarded.refused(fingerprint),
      overrides: overrides.labels,
    });
    variantsMade += 1;
    const variant = { id: variantsMade, executable };
    if (this.#variants.size === MAX_VARIANTS) this.#variants.delete(this.#variants.keys().next().value ?? '');
    this.#variants.set(key, variant);
    return variant;
  }
}

export type Compile = typeof import('../executor/compile.ts').compileOperation;
