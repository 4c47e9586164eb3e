/** Questions to the index that searches see. */
import { Fault } from '@ebuy/kernel';
import { type Engine, EngineRefusal } from './engine.ts';
import type { IndexNames } from './names.ts';

const NOT_FOUND = 404;

export interface IndexReader {
  /** Of the index as it is now. */
  search<Answer>(body: object, query?: Readonly<Record<string, boolean>>): Promise<Answer>;
  /** Of a point in time, which the body names. */
  searchInPoint<Answer>(body: object): Promise<Answer>;
  /** Whether anything fits. */
  finds(query: object): Promise<boolean>;
  openPoint(keepAlive: string): Promise<string>;
}

/** `onMissing` is called when there is no index: whoever asked gets a retryable Fault meanwhile. */
export function indexReader(engine: Engine, { read }: IndexNames, onMissing: () => void): IndexReader {
  const ofIndex = async <Answer>(
    path: string,
    query: Readonly<Record<string, string | number | boolean>>,
    body?: object,
  ) => {
    try {
      return await engine.ask<Answer>({ method: 'POST', path: `/${read}/${path}`, query, ...(body ? { body } : {}) });
    } catch (error) {
      if (!(error instanceof EngineRefusal) || error.status !== NOT_FOUND) throw error;
      onMissing();
      throw new Fault('There is no index to search yet', { cause: error, retryable: true });
    }
  };
  return {
    search: (body, query = {}) => ofIndex('_search', query, body),
    searchInPoint: (body) => engine.ask({ method: 'POST', path: '/_search', body }),
    async finds(query) {
      return (await ofIndex<{ count: number }>('_count', { terminate_after: 1 }, { query })).count > 0;
    },
    async openPoint(keepAlive) {
      return (await ofIndex<{ pit_id: string }>('_search/point_in_time', { keep_alive: keepAlive })).pit_id;
    },
  };
}
