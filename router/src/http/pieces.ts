import type { IncomingMessage } from 'node:http';
import { HttpRefusal } from './answer.ts';

/**
 * A request's body as it comes. Ending the loop early leaves the connection alone, so that a refusal goes out over it.
 *
 * @param msLeft how long the next piece may take; asked before each
 * @throws HttpRefusal 408 when it takes longer, 400 when the sender breaks off
 */
export async function* piecesOf(request: IncomingMessage, msLeft: () => number): AsyncGenerator<Buffer> {
  const pieces = request.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
  try {
    for (;;) {
      const next = await within(msLeft(), pieces.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Lets go of the request, so that what still comes can be thrown away; not awaited: a piece may never come.
    void pieces.return?.();
  }
}

async function within<Result>(ms: number, coming: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(cameTooSlowly()), ms);
  });
  const brokenOff = coming.catch(() => {
    throw endedEarly();
  });
  try {
    return await Promise.race([brokenOff, silence]);
  } finally {
    clearTimeout(timer);
  }
}

export function cameTooSlowly(): HttpRefusal {
  return closing(408, 'REQUEST_TIMEOUT', 'The body came too slowly. Send it again.');
}

export function endedEarly(): HttpRefusal {
  return closing(400, 'BAD_REQUEST', 'The body ended early. Send it again.');
}

function closing(status: number, code: string, message: string): HttpRefusal {
  return new HttpRefusal(status, code, message, { connection: 'close' });
}
