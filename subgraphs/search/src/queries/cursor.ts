/**
 * Cursors: where a hit stands in which point in time, for which question. Signed, so that nobody sends the engine what we did not write; a
 * question's hash inside, so that none is used for another.
 */
import { createHash, createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto';
import { refusal } from '../refusals.ts';
import type { Spelling } from '../relevance/text-query.ts';

const SIGNATURE_BYTES = 16;
const MAX_CHARACTERS = 4_096;
const VERSION = 2;

export interface Position {
  /** The point in time's id. */
  readonly point: string;
  readonly spelling: Spelling;
  /** When the walk's first page was given out: ms since 1970. */
  readonly begunAt: number;
  /** The hit's sort values. */
  readonly after: readonly (string | number)[];
}

export type Cursors = ReturnType<typeof cursors>;

/** All replicas are given the same keys, so that any goes on where another was. */
export function cursors(identityKeys: Readonly<Record<string, string>>) {
  const root = JSON.stringify(Object.entries(identityKeys).sort());
  // A key object: made of bytes each time, it would cost more than the signature.
  const secret = createSecretKey(Buffer.from(hkdfSync('sha256', root, '', 'ebuy-search-cursor/v1', 32)));
  const sign = (body: string) =>
    createHmac('sha256', secret).update(body).digest().subarray(0, SIGNATURE_BYTES).toString('base64url');
  return {
    write(question: string, { point, spelling, begunAt, after }: Position): string {
      const body = Buffer.from(JSON.stringify([VERSION, question, point, spelling, begunAt, after])).toString(
        'base64url',
      );
      return `${body}.${sign(body)}`;
    },
    /** Refuses what is not a cursor of ours for this question. */
    read(question: string, cursor: string): Position {
      const [body = '', signature = ''] = cursor.length <= MAX_CHARACTERS ? cursor.split('.') : [];
      const expected = Buffer.from(sign(body));
      const given = Buffer.from(signature);
      if (expected.length !== given.length || !timingSafeEqual(expected, given)) {
        throw refusal('CURSOR_INVALID', { field: ['after'] });
      }
      const [version, of, point, spelling, begunAt, after] = JSON.parse(Buffer.from(body, 'base64url').toString()) as [
        number,
        string,
        string,
        Spelling,
        number,
        (string | number)[],
      ];
      if (version !== VERSION || of !== question) {
        const message = 'This cursor is of another search. Keep query, filters and sort as they were, or start again.';
        throw refusal('CURSOR_INVALID', { message, field: ['after'] });
      }
      return { point, spelling, begunAt, after };
    },
  };
}

/** Names a question, so that two are the same exactly when they have the same results. */
export function questionHash(question: object): string {
  return createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 22);
}
