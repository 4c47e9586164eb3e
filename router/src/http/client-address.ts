import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * Where a request comes from: the socket's other end. Behind proxies of ours that is the nearest of them, and each has added to
 * X-Forwarded-For whom it was asked by: as many entries from the right as there are proxies are theirs, whatever stands before was sent by
 * anybody. With fewer entries, or one that is no address, somebody came another way than through all of them: the socket's end counts.
 *
 * The router must then be reachable through these proxies only.
 */
export function clientAddressOf({ headers, socket }: IncomingMessage, trustedProxies: number): string | null {
  const forwarded = trustedProxies === 0 ? undefined : entriesOf(headers['x-forwarded-for']).at(-trustedProxies);
  return plain(forwarded) ?? plain(socket.remoteAddress);
}

function entriesOf(header: string | string[] | undefined): string[] {
  return String(header ?? '')
    .split(',')
    .map((entry) => entry.trim());
}

/** An IPv4 address that came over an IPv6 socket is shown as what it is; a zone is of this machine only. */
function plain(address: string | undefined): string | null {
  const bare = address?.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '') ?? '';
  return isIP(bare) === 0 ? null : bare;
}
