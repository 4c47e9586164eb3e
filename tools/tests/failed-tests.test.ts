import { expect, it } from '@jest/globals';
import { failedTests } from '../repo/failed-tests.ts';

const passed = { fullName: 'a cart is made', status: 'passed', failureMessages: [] };
const stack = '    at Object.<anonymous> (/shop/cart.test.ts:7:3)\n    at run (/shop/node_modules/jest/run.js:1:1)';

it('names each failed test with its file and the first lines of its failure, and a file that did not run', () => {
  const failed = {
    fullName: 'a cart › is read',
    status: 'failed',
    failureMessages: [`\u001b[31mError: expected 1\u001b[39m\n\nReceived: 2\n${stack}\n${'more\n'.repeat(100)}`],
  };
  const found = failedTests(
    {
      testResults: [
        { name: '/shop/cart.test.ts', status: 'failed', message: 'all of it', assertionResults: [passed, failed] },
        {
          name: '/shop/orders.test.ts',
          status: 'failed',
          message: 'SyntaxError: no such export',
          assertionResults: [],
        },
        { name: '/shop/users.test.ts', status: 'passed', message: '', assertionResults: [passed] },
      ],
    },
    '/shop',
  );
  expect(found).toHaveLength(2);
  expect(found[0]?.split('\n').slice(0, 4)).toEqual([
    'cart.test.ts: a cart › is read',
    '    Error: expected 1',
    '    Received: 2',
    '        at Object.<anonymous> (/shop/cart.test.ts:7:3)',
  ]);
  expect(found[0]?.split('\n').length).toBeLessThan(20);
  expect(found[1]).toBe('orders.test.ts\n    SyntaxError: no such export');
});

it('says nothing when nothing failed, or there is no report', () => {
  expect([failedTests({}, '/shop'), failedTests({ testResults: [] }, '/shop')]).toEqual([[], []]);
});
