/** Index versions and the aliases that point to them. */
import type { Logger } from '@ebuy/runtime';
import { type Engine, EngineRefusal } from './engine.ts';
import { type IndexMeta, indexDefinition } from './mapping.ts';
import type { IndexNames } from './names.ts';

/** The engine is at it for a while: an index is made, aliases move. Nobody waits at a screen. */
const SLOW_MS = 15_000;
const GET_TRIES = 3;

interface IndexDescription {
  readonly aliases?: Readonly<Record<string, object>>;
  readonly mappings?: { readonly _meta?: IndexMeta };
}

export interface IndexVersion {
  readonly index: string;
  readonly number: number;
  readonly isRead: boolean;
  readonly isWritten: boolean;
  readonly meta: IndexMeta;
}

export class IndexVersions {
  readonly names: IndexNames;
  readonly #engine: Engine;
  readonly #logger: Logger;
  readonly #definition: ReturnType<typeof indexDefinition>;

  constructor(engine: Engine, names: IndexNames, currency: string, logger: Logger) {
    this.names = names;
    this.#engine = engine;
    this.#logger = logger;
    this.#definition = indexDefinition(currency);
  }

  /** Of what a version would be made of today. */
  get meta(): IndexMeta {
    return this.#definition.meta;
  }

  /** All there are, the oldest first. */
  async list(): Promise<IndexVersion[]> {
    const found = await this.#engine.ask<Record<string, IndexDescription>>({
      method: 'GET',
      path: `/${encodeURIComponent(`${this.names.read}-*`)}`,
      query: { ignore_unavailable: true, allow_no_indices: true },
      deadlineMs: SLOW_MS,
    });
    return Object.entries(found)
      .flatMap(([index, { aliases = {}, mappings }]) => {
        const number = this.names.numberOf(index);
        if (number === null) return [];
        const pointed = { isRead: this.names.read in aliases, isWritten: this.names.write in aliases };
        return [{ index, number, ...pointed, meta: mappings?._meta ?? {} }];
      })
      .sort((a, b) => a.number - b.number);
  }

  /** The version that searches see; made when there is none. Replicas that do this at once end with the same. */
  async ensure(): Promise<IndexVersion> {
    for (let tries = 1; ; tries += 1) {
      const all = await this.list();
      const read = all.find(({ isRead }) => isRead);
      if (read) return read;
      const number = (all.at(-1)?.number ?? 0) + 1;
      const made = await this.create(number, [this.names.read, this.names.write]);
      if (made) return made;
      if (tries === GET_TRIES) throw new Error(`${this.names.version(number)} exists, and nothing points to it`);
    }
  }

  /** With today's mapping. Null: somebody else has just made it. */
  async create(number: number, aliases: readonly string[]): Promise<IndexVersion | null> {
    const index = this.names.version(number);
    const { settings, mappings, meta } = this.#definition;
    try {
      await this.#engine.ask({
        method: 'PUT',
        path: `/${index}`,
        body: { settings, mappings, aliases: Object.fromEntries(aliases.map((alias) => [alias, {}])) },
        deadlineMs: SLOW_MS,
      });
    } catch (error) {
      if (error instanceof EngineRefusal && error.type === 'resource_already_exists_exception') return null;
      throw error;
    }
    this.#logger.info({ index, aliases }, 'an index version was made');
    return {
      index,
      number,
      isRead: aliases.includes(this.names.read),
      isWritten: aliases.includes(this.names.write),
      meta,
    };
  }

  /** Adds what fields a newer service writes, so that a strict index of an older one takes its documents until the reindex. */
  async addFields({ index, meta }: IndexVersion): Promise<void> {
    const { properties } = this.#definition;
    try {
      await this.#engine.ask({ method: 'PUT', path: `/${index}/_mapping`, body: { properties }, deadlineMs: SLOW_MS });
    } catch (error) {
      if (!(error instanceof EngineRefusal)) throw error;
      this.#logger.warn({ err: error, index, meta }, 'the index cannot be brought up to date without a reindex');
    }
  }

  /** Searches go to `to` from now on, writes to it alone: all of it at once. */
  async swap(from: readonly IndexVersion[], to: string): Promise<void> {
    const remove = from.flatMap(({ index, isRead, isWritten }) => [
      ...(isRead ? [{ remove: { index, alias: this.names.read } }] : []),
      ...(isWritten ? [{ remove: { index, alias: this.names.write } }] : []),
    ]);
    const add = [{ add: { index: to, alias: this.names.read } }, { add: { index: to, alias: this.names.write } }];
    await this.#engine.ask({
      method: 'POST',
      path: '/_aliases',
      body: { actions: [...remove, ...add] },
      deadlineMs: SLOW_MS,
    });
  }

  /** Beside what is noted already, by whomever. */
  async note(index: string, more: IndexMeta): Promise<void> {
    const meta = (await this.list()).find((version) => version.index === index)?.meta;
    const body = { _meta: { ...meta, ...more } };
    await this.#engine.ask({ method: 'PUT', path: `/${index}/_mapping`, body, deadlineMs: SLOW_MS });
  }

  async remove(index: string): Promise<void> {
    const query = { ignore_unavailable: true };
    await this.#engine.ask({ method: 'DELETE', path: `/${index}`, query, deadlineMs: SLOW_MS });
    this.#logger.info({ index }, 'an index version was removed');
  }

  async refresh(index: string): Promise<void> {
    await this.#engine.ask({ method: 'POST', path: `/${index}/_refresh`, deadlineMs: SLOW_MS });
  }

  /** Those that are hidden too. */
  async count(index: string): Promise<number> {
    return (await this.#engine.ask<{ count: number }>({ method: 'GET', path: `/${index}/_count` })).count;
  }
}
