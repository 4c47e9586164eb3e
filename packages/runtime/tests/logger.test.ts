import { expect, test } from '@jest/globals';
import { createLogger } from '../src/index.ts';

function logged(fields: object): string {
  const lines: string[] = [];
  createLogger('test', 'info', { write: (line) => lines.push(line) }).error(fields, 'failed');
  return lines.join('');
}

test('an error is told by name, message, code, place and cause; what a driver hangs on it is not', () => {
  const cause = { detail: 'Failing row contains (jane@private.example)', originalCode: '23514' };
  const err = Object.assign(
    new Error('Raw query failed. Code: `23514`.', { cause: Object.assign(new Error('lost'), { code: 'ECONNRESET' }) }),
    { code: 'P2010', meta: { driverAdapterError: { cause } }, current: { email: 'jane@private.example' } },
  );
  const text = logged({ err });
  expect(text).not.toContain('private');
  expect(JSON.parse(text).err).toMatchObject({
    type: 'Error',
    message: 'Raw query failed. Code: `23514`.',
    code: 'P2010',
    stack: expect.stringContaining('logger.test'),
    cause: { message: 'lost', code: 'ECONNRESET' },
  });
});

test('the arguments that Prisma quotes stay out of message and stack', () => {
  const message =
    '\nInvalid `prisma.order.create()` invocation:\n\n{\n  data: {\n    email: "jane@private.example"\n  }\n}\n\nArgument `status` is missing.';
  const text = logged({ err: new Error(message) });
  expect(text).not.toContain('private');
  expect(JSON.parse(text).err.message).toBe('Argument `status` is missing.');
});

test.each([
  'email',
  'phone',
  'recipient',
  'line1',
  'displayName',
  'accessToken',
  'paymentMethod',
  'authorization',
  'password',
])('%s is blotted out wherever it stands', (field) =>
  expect(logged({ [field]: 'private', a: { [field]: 'private', b: { [field]: 'private' } } })).not.toContain('private'),
);
