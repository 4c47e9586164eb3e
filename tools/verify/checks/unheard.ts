import type { SentEvent } from '../books/topic-log.ts';
import type { Violation } from '../contract.ts';

/** An event without the mark that a group leaves when it has applied it. */
export function unheard({ id, type, data }: SentEvent, place: string, group: string, expected: string): Violation {
  return {
    where: `order ${data.orderId} in ${place}`,
    field: `${type} ${id}`,
    expected: `${expected}, by ${group}`,
    found: null,
  };
}
