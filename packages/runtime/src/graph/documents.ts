/**
 * Documents that were asked before: parsed and validated once, their operations ready to run. Services send the same few hundred texts for
 * ever; whoever sends another text each time pays for it alone, because what is kept is bounded by what it weighs, the newest used last to go.
 */
import { type DocumentNode, GraphQLError, type GraphQLSchema, Kind, parse, validate } from 'graphql';
import { type CompiledOperation, compileOperation } from './execution/operation.ts';
import type { Room } from './execution/program.ts';

/** More than any plan of the router has, whose clients may send 4,000. */
const MAX_TOKENS = 20_000;

export interface Limits {
  readonly documents: number;
  /** Of all trees together: one costs some 0.4 kB. */
  readonly tokens: number;
  /** Of all programs together: one costs about 1 kB. A subgraph of ours needs a thousand or two. */
  readonly fields: number;
}

const LIMITS: Limits = { documents: 1_000, tokens: 100_000, fields: 50_000 };

/** Why there is no operation to run. */
export interface Unready {
  readonly code: 'GRAPHQL_PARSE_FAILED' | 'GRAPHQL_VALIDATION_FAILED' | 'OPERATION_RESOLUTION_FAILURE';
  readonly errors: readonly GraphQLError[];
}

interface Known {
  readonly document: DocumentNode;
  readonly tokens: number;
  readonly operations: Map<string | undefined, CompiledOperation>;
  readonly room: Room & { leave(): void };
}

export class Documents {
  readonly #schema: GraphQLSchema;
  readonly #limits: Limits;
  readonly #known = new Map<string, Known>();
  #tokens = 0;
  #fields = 0;

  constructor(schema: GraphQLSchema, limits: Limits = LIMITS) {
    this.#schema = schema;
    this.#limits = limits;
  }

  get size(): { readonly documents: number; readonly tokens: number; readonly fields: number } {
    return { documents: this.#known.size, tokens: this.#tokens, fields: this.#fields };
  }

  /** The operation of that name, or the only one. */
  operation(text: string, name: string | undefined): CompiledOperation | Unready {
    const known = this.#find(text);
    if ('errors' in known) return known;
    const made = known.operations.get(name);
    if (made !== undefined) return made;
    const operation = operationOf(known.document, name);
    if (operation instanceof GraphQLError) return { code: 'OPERATION_RESOLUTION_FAILURE', errors: [operation] };
    const compiled = compileOperation(this.#schema, known.document, operation, known.room);
    known.operations.set(name, compiled);
    return compiled;
  }

  #find(text: string): Known | Unready {
    const known = this.#known.get(text);
    if (known === undefined) return this.#read(text);
    this.#known.delete(text);
    this.#known.set(text, known);
    return known;
  }

  #read(text: string): Known | Unready {
    let document: DocumentNode;
    try {
      document = parse(text, { maxTokens: MAX_TOKENS });
    } catch (error) {
      if (error instanceof GraphQLError) return { code: 'GRAPHQL_PARSE_FAILED', errors: [error] };
      throw error;
    }
    const errors = validate(this.#schema, document);
    if (errors.length > 0) return { code: 'GRAPHQL_VALIDATION_FAILED', errors };
    const known = {
      document,
      tokens: document.tokenCount ?? MAX_TOKENS,
      operations: new Map<string | undefined, CompiledOperation>(),
      room: this.#openRoom(),
    };
    this.#known.set(text, known);
    this.#tokens += known.tokens;
    this.#forget();
    return known;
  }

  #forget(): void {
    for (const [text, known] of this.#known) {
      if (this.#known.size <= this.#limits.documents && this.#tokens <= this.#limits.tokens) return;
      this.#known.delete(text);
      this.#tokens -= known.tokens;
      known.room.leave();
    }
  }

  /** One document's part of the room for programs, given back when it is forgotten. */
  #openRoom(): Known['room'] {
    let taken = 0;
    let isOpen = true;
    return {
      take: (fields) => {
        if (!isOpen || this.#fields + fields > this.#limits.fields) return false;
        taken += fields;
        this.#fields += fields;
        return true;
      },
      leave: () => {
        isOpen = false;
        this.#fields -= taken;
      },
    };
  }
}

/** In graphql-js' words. */
function operationOf({ definitions }: DocumentNode, name: string | undefined) {
  const operations = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (name !== undefined) {
    return (
      operations.find((operation) => operation.name?.value === name) ??
      new GraphQLError(`Unknown operation named "${name}".`)
    );
  }
  if (operations.length > 1) {
    return new GraphQLError('Must provide operation name if query contains multiple operations.');
  }
  return operations[0] ?? new GraphQLError('Must provide an operation.');
}
