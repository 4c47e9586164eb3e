/** The provider's door: POST /webhooks/<provider>. Answered only once what it says is committed, so that nothing is lost with an answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fault } from '@ebuy/kernel';
import type { Payments } from '../commands/payments.ts';
import { settleNews } from '../commands/settle.ts';
import { WebhookRefused } from '../provider/provider.ts';

const MAX_BODY_BYTES = 64 * 1_024;
const BODY_DEADLINE_MS = 5_000;
const MAX_AT_ONCE = 64;

export function webhookDoor(payments: Payments): (request: IncomingMessage, response: ServerResponse) => boolean {
  const path = `/webhooks/${payments.provider.name}`;
  let open = 0;
  return (request, response) => {
    if (request.url?.split('?')[0] !== path) return false;
    if (request.method !== 'POST') {
      answer(response, 405, { allow: 'POST' });
      return true;
    }
    if (open >= MAX_AT_ONCE) {
      answer(response, 503, { 'retry-after': '1' });
      return true;
    }
    open += 1;
    receive(payments, request)
      .then((status) => answer(response, status))
      .catch((error: unknown) => {
        payments.logger.warn({ err: error }, 'a webhook was not applied');
        answer(response, statusOf(error));
      })
      .finally(() => {
        open -= 1;
      });
    return true;
  };
}

async function receive(payments: Payments, request: IncomingMessage): Promise<number> {
  const body = await readBody(request);
  if (body === null) return 413;
  const news = payments.provider.readWebhook(request.headers, body, new Date());
  const outcome = await settleNews(payments, news);
  if (outcome === 'absent') payments.logger.warn({ webhookId: news.id }, 'a webhook is about nothing of ours');
  return 204;
}

/** 4xx: it will not get better by sending it again. */
function statusOf(error: unknown): number {
  if (error instanceof WebhookRefused) return error.status;
  return error instanceof Fault && !error.retryable ? 422 : 503;
}

/** Null when it is larger than allowed. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const deadline = setTimeout(() => request.destroy(new Error('the body took too long')), BODY_DEADLINE_MS);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) return null;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    clearTimeout(deadline);
  }
}

function answer(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  if (response.destroyed) return;
  const more = status === 413 ? { connection: 'close' } : {};
  response.writeHead(status, { ...headers, ...more }).end();
}
