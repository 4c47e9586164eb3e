import { type IntentAnswer, intentAnswer, intentList, nonsense, refundList, understood } from './stripe-answers.ts';
import { misunderstanding, type StripeConversation } from './stripe-client.ts';

export const PAGE = 100;
export const WITH_CHARGE = ['latest_charge'];
export const WITH_CHARGES = ['data.latest_charge'];

/** What is asked of Stripe in one call of ours, in Stripe's words; answers are checked for their shape, and for being of our mode. */
export type Talk = ReturnType<typeof talkTo>;

export function talkTo({ ask }: StripeConversation, live: boolean) {
  const ofOurMode = (answer: IntentAnswer): IntentAnswer => {
    if (answer.livemode !== live) throw nonsense('is of the other mode, test or live');
    return answer;
  };
  const intentOf = (json: unknown) => ofOurMode(understood(intentAnswer, json));
  /** For what can only be refused when something of ours is wrong. */
  const given = async (request: Parameters<StripeConversation['ask']>[0]): Promise<unknown> => {
    const asked = await ask(request);
    if (!asked.ok) throw misunderstanding(asked.refusal);
    return asked.json;
  };
  return {
    ask,
    given,
    intentOf,
    async intent(id: string): Promise<IntentAnswer> {
      return intentOf(
        await given((stripe, { timeout }) => stripe.paymentIntents.retrieve(id, { expand: WITH_CHARGE }, { timeout })),
      );
    },
    async intents(created: { gte: number; lt: number }, after?: string) {
      const page = {
        created,
        limit: PAGE,
        expand: WITH_CHARGES,
        ...(after === undefined ? {} : { starting_after: after }),
      };
      const json = await given((stripe, { timeout }) => stripe.paymentIntents.list(page, { timeout }));
      const list = understood(intentList, json);
      list.data.forEach(ofOurMode);
      return list;
    },
    async refunds(where: { created?: { gte: number; lt: number }; payment_intent?: string }, after?: string) {
      const page = { ...where, limit: PAGE, ...(after === undefined ? {} : { starting_after: after }) };
      return understood(refundList, await given((stripe, { timeout }) => stripe.refunds.list(page, { timeout })));
    },
  };
}
