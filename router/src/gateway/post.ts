import type { Dispatcher, Pool } from 'undici';

/** What came back, whole and within its limits. */
export interface PostAnswer {
  readonly status: number;
  readonly body: Buffer;
}

export interface PostRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Counted from the call to the answer's last byte. */
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
}

/** The answer did not come in time. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
}

/** The answer is larger than anyone should send. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

/**
 * One POST through a pool, on undici's dispatch: no streams, no response objects, half the work of its request().
 *
 * @throws DeadlinePassed, AnswerTooLarge, or the transport's own error
 */
export function post(pool: Pool, request: PostRequest): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    pool.dispatch(
      { method: 'POST', path: request.path, headers: { ...request.headers }, body: request.body },
      collect(request, resolve, reject),
    );
  });
}

function collect(
  { timeoutMs, maxAnswerBytes }: PostRequest,
  resolve: (answer: PostAnswer) => void,
  reject: (error: Error) => void,
): Dispatcher.DispatchHandler {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let status = 0;
  let active: Dispatcher.DispatchController | null = null;
  const giveUp = (error: Error): void => {
    clearTimeout(deadline);
    reject(error);
    active?.abort(error);
  };
  let late: Error | null = null;
  const deadline = setTimeout(() => {
    late = new DeadlinePassed(`no answer within ${timeoutMs} ms`);
    giveUp(late);
  }, timeoutMs);
  return {
    onRequestStart(controller) {
      active = controller;
      if (late !== null) controller.abort(late);
    },
    onResponseStart(_controller, statusCode) {
      status = statusCode;
    },
    onResponseData(_controller, chunk) {
      bytes += chunk.length;
      if (bytes > maxAnswerBytes) giveUp(new AnswerTooLarge(`an answer of more than ${maxAnswerBytes} bytes`));
      else chunks.push(chunk);
    },
    onResponseEnd() {
      clearTimeout(deadline);
      const [only] = chunks;
      resolve({ status, body: chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, bytes) });
    },
    onResponseError(_controller, error) {
      clearTimeout(deadline);
      reject(error);
    },
  };
}
