import { readFileSync } from 'node:fs';
import { type DomainEvent, newEvent } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  inCausalOrder,
  MAX_TOLD,
  type StoryEvent,
  type ToldType,
  tellStory,
  toStoryEvent,
} from '../src/domain/story.ts';

const anEvent = (eventId: string, second: number, causationId: string | null = null): StoryEvent => ({
  eventId,
  type: 'order.shipped',
  at: new Date(Date.UTC(2026, 10, 23) + second * 1_000),
  causationId,
  facts: {},
});
const idsOf = (events: readonly { readonly eventId: string }[]) => events.map(({ eventId }) => eventId);

/** Any causes at all: of events that are there or not, of themselves, in circles; few moments, so that many events share one. */
const events = fc
  .integer({ min: 0, max: 12 })
  .chain((count) =>
    fc.tuple(
      ...Array.from({ length: count }, (_, index) =>
        fc
          .tuple(fc.integer({ min: 0, max: 3 }), fc.option(fc.integer({ min: 0, max: count + 1 })))
          .map(([second, cause]) => anEvent(`e${index}`, second, cause === null ? null : `e${cause}`)),
      ),
    ),
  );

/** The events that lead to one, itself not counted unless it leads to itself. */
function causesOf(event: StoryEvent, all: ReadonlyMap<string, StoryEvent>): Set<string> {
  const causes = new Set<string>();
  let at = event.causationId === null ? undefined : all.get(event.causationId);
  while (at !== undefined && !causes.has(at.eventId)) {
    causes.add(at.eventId);
    at = at.causationId === null ? undefined : all.get(at.causationId);
  }
  return causes;
}

describe('causal order', () => {
  test('is the same for every order of arrival, and has every event once', () => {
    fc.assert(
      fc.property(
        events.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          const ordered = idsOf(inCausalOrder(all));
          expect(idsOf(inCausalOrder(shuffled))).toEqual(ordered);
          expect([...ordered].sort()).toEqual(idsOf(all).sort());
        },
      ),
    );
  });

  test('puts causes before effects, wherever causes do not go in a circle', () => {
    fc.assert(
      fc.property(events, (all) => {
        const byId = new Map(all.map((event) => [event.eventId, event]));
        const ordered = idsOf(inCausalOrder(all));
        for (const event of all) {
          if (causesOf(event, byId).has(event.eventId)) continue;
          const { causationId } = event;
          if (causationId === null || !byId.has(causationId)) continue;
          expect(ordered.indexOf(causationId)).toBeLessThan(ordered.indexOf(event.eventId));
        }
      }),
    );
  });

  test('goes by time, then by id, where nothing was caused', () => {
    const loose = [anEvent('c', 2), anEvent('b', 1, 'unknown'), anEvent('a', 1)];
    expect(idsOf(inCausalOrder(loose))).toEqual(['a', 'b', 'c']);
  });

  test('believes causes more than clocks, and what has no known cause stands at its time', () => {
    const skewed = [
      anEvent('cause', 5),
      anEvent('effect', 1, 'cause'),
      anEvent('before', 4),
      anEvent('after', 6, 'lost'),
    ];
    expect(idsOf(inCausalOrder(skewed))).toEqual(['before', 'cause', 'effect', 'after']);
  });

  test('cuts a circle at its earliest, not at what hangs on it', () => {
    const circle = [anEvent('b', 3, 'c'), anEvent('c', 2, 'b'), anEvent('hanging', 1, 'b'), anEvent('self', 0, 'self')];
    expect(idsOf(inCausalOrder(circle))).toEqual(['self', 'c', 'b', 'hanging']);
  });
});

describe('what is told', () => {
  const samples = JSON.parse(
    readFileSync(new URL('../../../packages/events/tests/samples.json', import.meta.url), 'utf8'),
  ) as Record<string, never>;
  const trace = { correlationId: newId(), causationId: null };
  const told = (type: ToldType) =>
    tellStory([toStoryEvent(newEvent(type, samples[type] as never, trace) as DomainEvent<ToldType>)])[0];

  test.each<[ToldType, string, RegExp]>([
    ['order.placed', 'orders', /^Placed: \d+ lines?, [A-Z]{3} [\d.]+ in all$/],
    ['order.paymentRequested', 'orders', /^Payment requested: [A-Z]{3} [\d.]+$/],
    ['order.confirmed', 'orders', /^Confirmed/],
    ['order.cancelled', 'orders', /^Cancelled: (out of stock|not paid in time|.* asked for it|the stock)/],
    ['order.shipped', 'orders', /^Handed to the carrier$/],
    ['order.delivered', 'orders', /^Delivered$/],
    ['reservation.made', 'products', /^Reserved \d+ lines?$/],
    ['reservation.refused', 'products', /^Not reserved: \d+ lines? out of stock$/],
    ['reservation.consumed', 'products', /^Taken out of stock: \d+ lines?$/],
    ['reservation.released', 'products', /^Given back to stock: \d+ lines?$/],
    ['payment.authorized', 'payments', /^Payment authorized: [A-Z]{3} [\d.]+$/],
    ['payment.declined', 'payments', /^Payment declined: \w+$/],
    ['payment.actionRequired', 'payments', /^Payment waits for a second step/],
    ['payment.captured', 'payments', /^Payment captured: [A-Z]{3} [\d.]+$/],
    ['payment.captureFailed', 'payments', /^Capture failed: \w+; it (is tried again|needs a decision)$/],
    ['payment.voided', 'payments', /^Authorization given up: [A-Z]{3} [\d.]+$/],
    ['payment.refunded', 'payments', /^Refunded: [A-Z]{3} [\d.]+, [A-Z]{3} [\d.]+ in all$/],
    ['cart.changed', 'cart', /^What was ordered taken out/],
    ['cart.emptied', 'cart', /^Cart emptied/],
    ['purchase.recorded', 'reviews', /^May be reviewed: \d+ products?$/],
  ])('of %s, by %s', (type, subgraph, summary) => {
    expect(told(type)).toMatchObject({ type, subgraph, summary: expect.stringMatching(summary) });
  });

  test('ends, where there is too much, with a line that says so', () => {
    const many = Array.from({ length: MAX_TOLD + 50 }, (_, index) =>
      anEvent(`e${String(index).padStart(4, '0')}`, index),
    );
    const story = tellStory(many);
    expect(story).toHaveLength(MAX_TOLD + 1);
    expect(story.at(-2)?.summary).toBe('Handed to the carrier');
    expect(story.at(-1)?.summary).toBe('Handed to the carrier. More happened than is told here.');
    expect(tellStory(many.slice(0, MAX_TOLD)).at(-1)?.summary).toBe('Handed to the carrier');
  });

  test('shows an event of a type that it does not know by its type', () => {
    expect(tellStory([{ ...anEvent('e', 0), type: 'order.framed' }])[0]).toMatchObject({
      subgraph: 'unknown',
      summary: 'order.framed',
    });
  });
});
