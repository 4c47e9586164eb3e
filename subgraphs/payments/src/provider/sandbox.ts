/** The sandbox provider (subgraphs/payments/sandbox), as payments talks to it. */
import { Fault, type Money, sameMoney } from '@ebuy/kernel';
import { createJsonClient } from './http.ts';
import { type PaymentProvider, type ProviderNews, WebhookRefused } from './provider.ts';
import {
  type AuthorizationAnswer,
  authorizationAnswer,
  authorizationList,
  authorizationNews,
  bookedCharge,
  chargeList,
  type RefundAnswer,
  refundAnswer,
  refundList,
  refundNews,
  refusalAnswer,
  webhookBody,
} from './sandbox-answers.ts';
import { verifyWebhook, webhookKey } from './standard-webhooks.ts';

export interface SandboxSettings {
  readonly url: string;
  readonly apiKey: string;
  /** More than one while a key is being replaced. */
  readonly webhookSecrets: readonly string[];
  /** 5 s by default. */
  readonly deadlineMs?: number;
}

/** The provider's own verdicts. Whatever else it answers says nothing about whether it happened: ask again with the same key. */
const DONE = 200;
const NOT_NOW = 402;
const NEVER = 422;

export function createSandboxProvider(settings: SandboxSettings): PaymentProvider {
  const { post, get, close } = connect(settings);
  const keys = settings.webhookSecrets.map(webhookKey);

  return {
    name: 'sandbox',

    async authorize({ idempotencyKey, reference, orderId, amount, paymentMethod }) {
      const body = { reference, orderId, ...amount, paymentMethod };
      const { status, json } = await post('/v1/authorizations', idempotencyKey, body);
      if (status !== DONE) throw unavailable(status);
      return authorizationNews(checked(authorizationAnswer.parse(json), reference, amount));
    },

    async capture({ idempotencyKey, providerId, reference, amount }) {
      const { status, json } = await post(`/v1/authorizations/${providerId}/capture`, idempotencyKey, amount);
      if (status === DONE) {
        const answer = checked(authorizationAnswer.parse(json), reference, amount);
        if (answer.capturedMinor !== amount.amountMinor) throw nonsense('captured another amount');
        return { status: 'CAPTURED' };
      }
      return { status: 'FAILED', failure: refusalAnswer.parse(json).error, final: status === NEVER };
    },

    async void({ idempotencyKey, providerId, reference, amount }) {
      const { status, json } = await post(`/v1/authorizations/${providerId}/void`, idempotencyKey, {});
      if (status !== DONE) return { status: 'REFUSED', failure: refusalAnswer.parse(json).error };
      const answer = checked(authorizationAnswer.parse(json), reference, amount);
      if (answer.status !== 'voided' && answer.status !== 'declined') throw nonsense('is not void');
      return { status: 'VOIDED' };
    },

    async refund({ idempotencyKey, providerId, reference, amount }) {
      const body = { authorizationId: providerId, reference, ...amount };
      const { status, json } = await post('/v1/refunds', idempotencyKey, body);
      if (status !== DONE) return { status: 'FAILED', failure: refusalAnswer.parse(json).error };
      return refundNews(checked(refundAnswer.parse(json), reference, amount));
    },

    ...lookUps(get),

    readWebhook(headers, body, now): ProviderNews {
      const signed = verifyWebhook(headers, body, keys, now);
      if ('problem' in signed) throw new WebhookRefused(401, `The webhook was refused: ${signed.problem}.`);
      return { id: signed.id, ...readNews(body) };
    },

    async close() {
      close();
    },
  };
}

/** What is only read: one charge, one refund, the books. */
function lookUps(
  get: (path: string) => Promise<unknown>,
): Pick<PaymentProvider, 'findAuthorization' | 'findRefund' | 'listCharges'> {
  return {
    async findAuthorization(reference, amount) {
      const { authorizations } = authorizationList.parse(
        await get(`/v1/authorizations?reference=${encodeURIComponent(reference)}`),
      );
      const [found] = authorizations;
      if (found === undefined) return null;
      const answer = checked(found, reference, amount);
      return { news: authorizationNews(answer), captured: answer.status === 'captured' };
    },

    async findRefund(reference, amount) {
      const { refunds } = refundList.parse(await get(`/v1/refunds?reference=${encodeURIComponent(reference)}`));
      const [found] = refunds;
      return found === undefined ? null : refundNews(checked(found, reference, amount));
    },

    async listCharges(since, after) {
      const query = new URLSearchParams({ since: since.toISOString(), ...(after === null ? {} : { after }) });
      const { charges, next } = chargeList.parse(await get(`/v1/charges/list?${query}`));
      return { charges: charges.map(bookedCharge), next };
    },
  };
}

function connect({ url, apiKey, deadlineMs }: SandboxSettings) {
  const client = createJsonClient({
    baseUrl: url,
    headers: { authorization: `Bearer ${apiKey}` },
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
  return {
    async post(path: string, idempotencyKey: string, body: unknown) {
      const answer = await client.ask({ method: 'POST', path, headers: { 'idempotency-key': idempotencyKey }, body });
      if (![DONE, NOT_NOW, NEVER].includes(answer.status)) throw unavailable(answer.status);
      return answer;
    },
    async get(path: string) {
      const answer = await client.ask({ method: 'GET', path });
      if (answer.status !== DONE) throw unavailable(answer.status);
      return answer.json;
    },
    close: client.close,
  };
}

type WithoutId<News> = News extends unknown ? Omit<News, 'id'> : never;

function readNews(body: Buffer): WithoutId<ProviderNews> {
  let json: unknown;
  try {
    json = JSON.parse(body.toString());
  } catch {
    throw new WebhookRefused(400, 'The webhook is not JSON.');
  }
  const read = webhookBody.safeParse(json);
  if (!read.success) throw new WebhookRefused(400, 'The webhook has not the shape it should have.');
  const { type, data } = read.data;
  if (type === 'authorization.updated') {
    if (data.status === 'captured') return { about: 'nothing' };
    return { about: 'authorization', reference: data.reference, amount: moneyOf(data), news: authorizationNews(data) };
  }
  return { about: 'refund', reference: data.reference, amount: moneyOf(data), news: refundNews(data) };
}

const moneyOf = ({ amountMinor, currency }: Money): Money => ({ amountMinor, currency });

/** The answer must be about what was asked. */
function checked<Answer extends AuthorizationAnswer | RefundAnswer>(
  answer: Answer,
  reference: string,
  amount: Money,
): Answer {
  if (answer.reference !== reference) throw nonsense('is about something else');
  if (!sameMoney(answer, amount)) throw nonsense('has another amount or currency');
  return answer;
}

const unavailable = (status: number) => new Fault(`The sandbox provider answered ${status}`, { retryable: true });
const nonsense = (what: string) => new Fault(`The sandbox provider's answer ${what}`, { retryable: false });
