import { describe, expect, test } from '@jest/globals';
import { isTransientPostgresError } from '../src/index.ts';

/** As Prisma's adapter for pg hands on what PostgreSQL says. */
const prisma = (originalCode: string, message: string, code = 'P2010') =>
  Object.assign(new Error(message), {
    code,
    meta: { driverAdapterError: { cause: { originalCode, kind: 'postgres' } } },
  });

describe('an error of PostgreSQL', () => {
  test.each([
    ['a statement that was not done in time', prisma('57014', 'canceling statement due to statement timeout')],
    ['a server that has become a replica', prisma('25006', 'cannot execute INSERT in a read-only transaction')],
    ['a disk that does not answer', prisma('58030', 'could not read block')],
    ['a server that ends', prisma('57P01', 'terminating connection due to administrator command')],
    ['too many connections', prisma('53300', 'sorry, too many clients already', 'P2037')],
    ["the driver's own deadline", new Error('Query read timeout')],
    ['a connection that is gone', new Error('Connection terminated unexpectedly')],
    ['a pool without a connection', new Error('timeout exceeded when trying to connect')],
    [
      'a host that is away, as a cause',
      new Error('x', { cause: Object.assign(new Error(), { code: 'EHOSTUNREACH' }) }),
    ],
  ])('passes by itself: %s', (_, error) => {
    expect(isTransientPostgresError(error)).toBe(true);
  });

  test.each([
    ['a rule that was broken', prisma('23514', 'new row violates check constraint')],
    ['a bug in a statement', prisma('42601', 'unterminated quoted string at or near "x"')],
    ['a text that only speaks of an end', new Error('Argument `title`: "Terminator, shutting down"')],
    ['nothing', null],
  ])('does not: %s', (_, error) => {
    expect(isTransientPostgresError(error)).toBe(false);
  });
});
