import { newId } from '@ebuy/kernel';
import { describe, expect, test } from '@jest/globals';
import { causedBy, decodeEvent, encodeEvent, newEvent, UnreadableEvent } from '../src/index.ts';

const shipped = () => newEvent('order.shipped', { orderId: newId() }, { correlationId: 'c-1', causationId: 'e-0' });

function refusalOf(text: string): string {
  try {
    decodeEvent(text);
  } catch (error) {
    if (error instanceof UnreadableEvent) return error.code;
    throw error;
  }
  return 'none';
}

const changed = (change: Record<string, unknown>) =>
  JSON.stringify({ ...JSON.parse(encodeEvent(shipped())), ...change });

describe('the envelope', () => {
  test('comes back as it was sent', () => {
    const event = shipped();
    expect(decodeEvent(encodeEvent(event))).toEqual(event);
  });

  test('is a CloudEvent 1.0 with its two extensions in lower case', () => {
    const wire = JSON.parse(encodeEvent(shipped()));
    expect(wire).toMatchObject({
      specversion: '1.0',
      type: 'order.shipped',
      source: 'ebuy/orders',
      datacontenttype: 'application/json',
    });
    expect(wire).toMatchObject({ correlationid: 'c-1', causationid: 'e-0', subject: wire.data.orderId });
    expect(Object.keys(wire).every((name) => /^[a-z0-9]+$/.test(name))).toBe(true);
  });

  test('keeps one correlation through a chain of causes', () => {
    const first = shipped();
    const next = newEvent('order.delivered', { orderId: first.subject }, causedBy(first));
    expect(next).toMatchObject({ correlationId: 'c-1', causationId: first.id });
  });

  test('an emitter cannot make an event that the catalogue does not describe', () => {
    expect(() => newEvent('order.shipped', { orderId: 'x' }, { correlationId: 'c', causationId: null })).toThrow();
  });

  test.each([
    ['not JSON', '{', 'MALFORMED'],
    ['empty', '', 'MALFORMED'],
    ['a list', '[]', 'MALFORMED'],
    ['null', 'null', 'MALFORMED'],
    ['another specversion', changed({ specversion: '2.0' }), 'MALFORMED'],
    ['no id', changed({ id: undefined }), 'MALFORMED'],
    ['a type of the future', changed({ type: 'order.teleported' }), 'UNKNOWN_TYPE'],
    ['a prototype as type', changed({ type: '__proto__' }), 'UNKNOWN_TYPE'],
    ['a newer major version', changed({ dataschema: 'urn:ebuy:event:order.shipped:v2' }), 'NEWER_VERSION'],
    ['another payload', changed({ data: { orderId: 7 } }), 'INVALID_PAYLOAD'],
    ['no payload', changed({ data: null }), 'INVALID_PAYLOAD'],
  ])('%s is refused as such', (_, text, code) => {
    expect(refusalOf(text)).toBe(code);
  });
});
