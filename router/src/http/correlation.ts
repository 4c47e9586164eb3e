import type { IncomingMessage } from 'node:http';
import { newId } from '@ebuy/kernel';

/** The id that a request is found by in every log: the client's own if it is plain, else a new one. */
export function correlationIdOf(request: IncomingMessage): string {
  const given = request.headers['x-correlation-id'];
  return typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : newId();
}
