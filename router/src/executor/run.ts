import type { GraphQLFormattedError } from 'graphql';
import type { FetchContext, UpstreamFailure } from '../upstream/upstream.ts';
import { merge } from './merge.ts';
import type { ResponseKeys } from './response-keys.ts';

/** An object of a subgraph's answer, or of several merged. */
export type Entity = Record<string, unknown>;

export type Path = readonly (string | number)[];

/** A piece of a plan, ready to run. It never rejects: what goes wrong is noted in the run. */
export type Step = (run: Run) => Promise<void>;

/** Why fields of some objects are missing. */
export interface Gap {
  readonly error: Pick<UpstreamFailure, 'message' | 'code'> | GraphQLFormattedError;
  /** The response keys that the fetch would have given. */
  readonly keys: ResponseKeys;
}

/** One execution: what has come so far. */
export class Run {
  /** The subgraphs' answers, merged. */
  data: Entity = {};
  /** The answer of the only fetch so far, as it came, if it holds data and nothing else; see program.ts. */
  bytes: Buffer | null = null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: FetchContext;
  /** What the subgraphs said, at the client's paths. */
  errors: GraphQLFormattedError[] = [];
  /** By the object that lacks the fields; null while nothing lacks. */
  gaps: Map<object, Gap[]> | null = null;
  /** The `cache-control` of each answer, as it came. */
  readonly cacheHints: (string | null)[] = [];
  readonly #texts = new Map<string, string>();
  /** The fetches that parts of the answer wait for; null: nothing is deferred. */
  readonly #fetched: Signals | null;

  constructor(variables: Readonly<Record<string, unknown>>, context: FetchContext, fetched: Signals | null = null) {
    this.variables = variables;
    this.context = context;
    this.#fetched = fetched;
  }

  /** A part of the same execution that is told later: it has the same data, and errors of its own. */
  fork(): Run {
    const part = new Run(this.variables, this.context, this.#fetched);
    this.gaps ??= new Map();
    part.data = this.data;
    part.gaps = this.gaps;
    return part;
  }

  /** A fetch is done, for those who wait for it. */
  noteFetched(id: string): void {
    this.#fetched?.give(id);
  }

  /** Whether all went well so far: nothing to explain to the client. */
  get isClean(): boolean {
    return this.gaps === null && this.errors.length === 0;
  }

  /** Merges fields of the root. */
  add(data: Entity): void {
    // The first answer is taken as it is, unless something was said about the root already.
    if (this.#fetched === null && this.gaps === null && Object.keys(this.data).length === 0) this.data = data;
    else merge(this.data, data);
  }

  /** A client's variable as JSON text; undefined when it was not sent. */
  variableText(name: string): string | undefined {
    if (!Object.hasOwn(this.variables, name) || this.variables[name] === undefined) return undefined;
    let text = this.#texts.get(name);
    if (text === undefined) {
      text = JSON.stringify(this.variables[name]);
      this.#texts.set(name, text);
    }
    return text;
  }

  addError(error: GraphQLFormattedError): void {
    if (this.errors.length < MAX_ERRORS) this.errors.push(error);
  }

  addGap(lacking: Iterable<object>, gap: Gap): void {
    this.gaps ??= new Map();
    for (const object of lacking) {
      const gaps = this.gaps.get(object);
      if (gaps === undefined) this.gaps.set(object, [gap]);
      else gaps.push(gap);
    }
  }

  /** What cannot be asked about an object, for it lacks what that needs, is missing for the same reason. */
  passGapOn(object: object, keys: () => ResponseKeys): void {
    const [gap] = this.gaps?.get(object) ?? [];
    if (gap !== undefined) this.addGap([object], { error: gap.error, keys: keys() });
  }
}

/** Each is given once; who waits for it afterwards does not wait. */
export class Signals {
  readonly #given = new Map<string, { readonly promise: Promise<void>; readonly resolve: () => void }>();

  give(id: string): void {
    this.#signal(id).resolve();
  }

  async wait(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#signal(id).promise));
  }

  #signal(id: string) {
    const signal = this.#given.get(id) ?? Promise.withResolvers<void>();
    this.#given.set(id, signal);
    return signal;
  }
}

/** Errors in one answer; what else went wrong is the same again, a hundred objects further on. */
export const MAX_ERRORS = 100;
