/** The endpoints that payments uses, and the parameters that each takes. */
import type { Bank } from './bank.ts';
import { present, type StagedIntent, type StagedRefund, StripeNo } from './shapes.ts';

type Endpoint = (bank: Bank, form: URLSearchParams, searchLags: boolean) => unknown;

export function endpointOf(line: string): Endpoint {
  for (const [pattern, endpoint] of ENDPOINTS) {
    const found = pattern.exec(line);
    if (found !== null) return (bank, form, searchLags) => endpoint(bank, form, found[1] ?? '', searchLags);
  }
  return () => {
    throw new StripeNo(404, { message: `Unrecognized request URL (${line}).` });
  };
}

type WithId = (bank: Bank, form: URLSearchParams, id: string, searchLags: boolean) => unknown;

const ENDPOINTS: readonly (readonly [RegExp, WithId])[] = [
  [/^POST \/v1\/payment_intents$/, createIntent],
  [/^GET \/v1\/payment_intents$/, listIntents],
  [/^GET \/v1\/payment_intents\/search$/, searchIntents],
  [
    /^GET \/v1\/payment_intents\/(pi_\w+)$/,
    (bank, form, id) => present(bank.intent(id), read(form, ['expand[0]']).expands('latest_charge')),
  ],
  [
    /^POST \/v1\/payment_intents\/(pi_\w+)\/capture$/,
    (bank, form, id) => {
      const { number, expands } = read(form, ['amount_to_capture', 'expand[0]']);
      return present(bank.capture(id, number('amount_to_capture')), expands('latest_charge'));
    },
  ],
  [
    /^POST \/v1\/payment_intents\/(pi_\w+)\/cancel$/,
    (bank, form, id) => present(bank.cancel(id), read(form, ['expand[0]']).expands('latest_charge')),
  ],
  [
    /^POST \/v1\/refunds$/,
    (bank, form) => {
      const { text, number } = read(form, ['payment_intent', 'amount', 'metadata[reference]']);
      const metadata = { reference: text('metadata[reference]') };
      return structuredClone(bank.refund(text('payment_intent'), number('amount'), metadata));
    },
  ],
  [/^GET \/v1\/refunds$/, listRefunds],
];

function createIntent(bank: Bank, form: URLSearchParams): unknown {
  const { text, number, expands } = read(form, [
    'amount',
    'currency',
    'capture_method',
    'confirm',
    'payment_method',
    'automatic_payment_methods[enabled]',
    'return_url',
    'metadata[reference]',
    'metadata[orderId]',
    'expand[0]',
  ]);
  if (text('capture_method') !== 'manual' || text('confirm') !== 'true') {
    throw new StripeNo(400, { message: 'The stage only plays what is confirmed at once and captured later.' }, false);
  }
  const intent = bank.createConfirmed({
    amount: number('amount'),
    currency: text('currency'),
    paymentMethod: text('payment_method'),
    returnUrl: text('return_url'),
    metadata: { reference: text('metadata[reference]'), orderId: text('metadata[orderId]') },
  });
  return present(structuredClone(intent), expands('latest_charge'));
}

const PAGING = ['created[gte]', 'created[lt]', 'limit', 'starting_after'];

function listIntents(bank: Bank, form: URLSearchParams): unknown {
  const { expands } = read(form, [...PAGING, 'expand[0]']);
  const { data, has_more } = page<StagedIntent>([...bank.intents.values()], form);
  return { object: 'list', has_more, data: data.map((intent) => present(intent, expands('data.latest_charge'))) };
}

function listRefunds(bank: Bank, form: URLSearchParams): unknown {
  read(form, [...PAGING, 'payment_intent']);
  const of = form.get('payment_intent');
  const refunds = [...bank.refunds.values()].filter((refund) => of === null || refund.payment_intent === of);
  return { object: 'list', ...page<StagedRefund>(refunds, form) };
}

function searchIntents(bank: Bank, form: URLSearchParams, _id: string, searchLags: boolean): unknown {
  const { text, expands } = read(form, ['query', 'limit', 'expand[0]']);
  const wanted = /^metadata\['reference'\]:'([\w-]+)'$/.exec(text('query'))?.[1];
  if (wanted === undefined) throw new StripeNo(400, { param: 'query', message: 'Unreadable query.' });
  const found = [...bank.intents.values()].filter(({ metadata }) => !searchLags && metadata.reference === wanted);
  const data = found.map((intent) => present(intent, expands('data.latest_charge')));
  return { object: 'search_result', has_more: false, data };
}

/** The newest first, as all of Stripe's lists are. */
function page<Entry extends { readonly id: string; readonly created: number }>(
  entries: readonly Entry[],
  form: URLSearchParams,
) {
  const [gte, lt] = [Number(form.get('created[gte]') ?? 0), Number(form.get('created[lt]') ?? Number.MAX_SAFE_INTEGER)];
  const fitting = entries.filter(({ created }) => created >= gte && created < lt).toReversed();
  const after = form.get('starting_after');
  const from = after === null ? 0 : fitting.findIndex(({ id }) => id === after) + 1;
  if (after !== null && from === 0) throw new StripeNo(400, { param: 'starting_after', message: 'No such object.' });
  const limit = Number(form.get('limit') ?? 10);
  return { has_more: fitting.length > from + limit, data: fitting.slice(from, from + limit) };
}

/** Parameters by their names on the wire. What is not among `known` is refused, as is what is asked for and missing. */
function read(form: URLSearchParams, known: readonly string[]) {
  for (const name of form.keys()) {
    if (known.includes(name)) continue;
    throw new StripeNo(400, { code: 'parameter_unknown', param: name, message: `Unknown parameter: ${name}` }, false);
  }
  const text = (name: string): string => {
    const value = form.get(name);
    if (value !== null && value !== '') return value;
    throw new StripeNo(400, { code: 'parameter_missing', param: name, message: `Missing parameter: ${name}` }, false);
  };
  return {
    text,
    number: (name: string) => Number(text(name)),
    expands: (what: string) => form.get('expand[0]') === what,
  };
}
