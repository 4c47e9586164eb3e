import { Fault, Refusal } from '@ebuy/kernel';
import { expect, test } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { presentError } from '../src/graph/errors.ts';
import { ANONYMOUS, createLogger } from '../src/index.ts';

const context = {
  caller: ANONYMOUS,
  service: 'router',
  correlationId: 'c-1',
  clientAddress: null,
  logger: createLogger('test', 'silent'),
};
const internal = { message: 'secret', extensions: { code: 'INTERNAL_SERVER_ERROR' } };
const codeOf = (cause: Error) =>
  presentError(internal, new GraphQLError(cause.message, { originalError: cause, path: ['order'] }), context).extensions
    ?.code;
const postgres = (code: string) => Object.assign(new Error('secret'), { code });

test('an engine away is no bug: whoever asked may try again', () => {
  expect(codeOf(new Fault('away', { retryable: true }))).toBe('SERVICE_UNAVAILABLE');
  for (const code of ['57P01', '08006', 'ECONNREFUSED']) expect(codeOf(postgres(code))).toBe('SERVICE_UNAVAILABLE');
  expect(codeOf(new Error('timeout exceeded when trying to connect'))).toBe('SERVICE_UNAVAILABLE');
});

test('anything else that is not a refusal is, and is masked', () => {
  expect(codeOf(postgres('23505'))).toBe('INTERNAL_SERVER_ERROR');
  expect(
    presentError(internal, new GraphQLError('x', { originalError: postgres('22001'), path: ['order'] }), context)
      .message,
  ).not.toContain('secret');
  expect(codeOf(new Refusal('NO_SUCH_THING', 'There is none.'))).toBe('NO_SUCH_THING');
});
