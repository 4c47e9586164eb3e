import { expect, test } from '@jest/globals';
import { serviceOfMain } from '../src/failpoints/service-of-main.ts';

test.each([
  ['/shop/subgraphs/orders/src/main.ts', 'orders'],
  ['/shop/subgraphs/payments/sandbox/main.ts', 'sandbox'],
  ['/shop/router/src/main.ts', 'router'],
  ['/shop/tools/pictures/main.ts', 'pictures'],
  ['C:\\shop\\router\\src\\main.ts', 'router'],
  ['/shop/subgraphs/orders/src/domain.ts', undefined],
  ['/shop/node_modules/jest/bin/jest.js', undefined],
  ['main.ts', undefined],
  [undefined, undefined],
])('%s is %s', (path, service) => expect(serviceOfMain(path)).toBe(service));
