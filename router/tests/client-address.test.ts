import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { clientAddressOf } from '../src/http/client-address.ts';

const request = (remoteAddress: string | undefined, forwarded?: string) =>
  ({ headers: { 'x-forwarded-for': forwarded }, socket: { remoteAddress } }) as unknown as IncomingMessage;

describe('where a request comes from', () => {
  test.each([
    ['an IPv4 socket', '192.0.2.1', '192.0.2.1'],
    ['IPv4 over an IPv6 socket', '::ffff:192.0.2.1', '192.0.2.1'],
    ['an IPv6 socket with a zone', 'fe80::1%eth0', 'fe80::1'],
    ['a socket that is gone', undefined, null],
  ])('%s', (_, remote, expected) => {
    expect(clientAddressOf(request(remote), 0)).toBe(expected);
    expect(clientAddressOf(request(remote, '203.0.113.7'), 0)).toBe(expected);
  });

  test.each([
    ['what the one proxy added', 1, '203.0.113.7', '203.0.113.7'],
    ['not what the client sent along', 1, '198.51.100.1, 203.0.113.7', '203.0.113.7'],
    ['what the outer of two added', 2, '198.51.100.1, 203.0.113.7, 10.0.0.2', '203.0.113.7'],
    ['an IPv6 address', 1, '2001:db8::7', '2001:db8::7'],
    ['the socket, when somebody came round a proxy', 2, '203.0.113.7', '10.0.0.1'],
    ['the socket, when nobody added anything', 1, undefined, '10.0.0.1'],
    ['the socket, when it is no address', 1, '203.0.113.7, <script>', '10.0.0.1'],
    ['the socket, when it is empty', 1, '203.0.113.7,', '10.0.0.1'],
  ])('behind proxies: %s', (_, proxies, forwarded, expected) => {
    expect(clientAddressOf(request('10.0.0.1', forwarded), proxies)).toBe(expected);
  });
});
