// What the topics hold, read once: each look reads on from where the last one ended.
import {
  CONSUMER_GROUPS,
  type ConsumerGroup,
  deadLetterTopicName,
  type KafkaSettings,
  type PartitionRange,
  type PartitionRecord,
  REPLAY_FOR,
  readRecords,
  TOPICS,
  topicName,
} from '@ebuy/events';
import type { Stores } from '../stores.ts';
import { Traces } from './traces.ts';

export type Aggregate = keyof typeof TOPICS;

/** An event of a saga topic. Read as JSON and no further: what it says is what is judged. */
export interface SentEvent {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly causationId: string | null;
  readonly data: Readonly<Record<string, unknown>> & { readonly orderId?: string };
}

/** The last record of a key in a state topic. */
export interface NewestState {
  readonly type: string;
  readonly version: number;
  /** Of all records of the key that were read. */
  readonly highest: number;
}

export interface Letter {
  readonly group: ConsumerGroup;
  readonly offset: number;
  readonly key: string | null;
  readonly code: string;
  readonly reason: string;
}

export interface TopicsRead {
  /** By aggregate, in the order of each partition. An event that was sent twice stands here once. */
  readonly events: ReadonlyMap<Aggregate, readonly SentEvent[]>;
  /** By aggregate, then by key. */
  readonly states: ReadonlyMap<Aggregate, ReadonlyMap<string, NewestState>>;
  readonly letters: readonly Letter[];
  /** Records of our topics that are no JSON with an id and a type. */
  readonly unreadable: readonly string[];
  readonly traces: Traces;
}

type Place = { readonly aggregate: Aggregate } | { readonly group: ConsumerGroup };

export class TopicLog {
  readonly #settings: KafkaSettings;
  readonly #places = new Map<string, Place>();
  readonly #next = new Map<string, number>();
  readonly #events = new Map<Aggregate, Map<string, SentEvent>>();
  readonly #states = new Map<Aggregate, Map<string, NewestState>>();
  readonly #letters = new Map<string, Letter>();
  readonly #unreadable = new Map<string, string>();
  readonly #traces: Traces;

  constructor(settings: KafkaSettings, secrets: readonly string[]) {
    this.#settings = settings;
    this.#traces = new Traces(secrets);
    for (const aggregate of Object.keys(TOPICS) as Aggregate[]) {
      this.#places.set(topicName(settings.namespace, TOPICS[aggregate]), { aggregate });
      const kept = TOPICS[aggregate].retention === 'saga' ? this.#events : this.#states;
      kept.set(aggregate, new Map());
    }
    for (const group of Object.values(CONSUMER_GROUPS)) {
      this.#places.set(deadLetterTopicName(settings.namespace, group), { group });
    }
  }

  async read(): Promise<TopicsRead> {
    const ranges = await readRecords(
      this.#settings,
      [...this.#places.keys()],
      (range) => this.#next.get(placeOf(range)) ?? 0,
      (record) => this.#take(record),
    );
    this.#forget(ranges);
    return {
      events: new Map([...this.#events].map(([aggregate, events]) => [aggregate, [...events.values()]])),
      states: this.#states,
      letters: [...this.#letters.values()],
      unreadable: [...this.#unreadable.keys()],
      traces: this.#traces,
    };
  }

  #take(record: PartitionRecord): void {
    const at = placeOf(record);
    const name = `${at}/${record.offset}`;
    this.#next.set(at, record.offset + 1);
    const { message, topic } = record;
    const place = this.#places.get(topic);
    const value = message.value?.toString() ?? null;
    if (value !== null) this.#traces.note(name, value);
    if (place === undefined) return;
    if ('group' in place) {
      this.#letters.set(name, letterOf(place.group, record));
      return;
    }
    // A letter that was given to its group again says nothing new, and a tombstone nothing at all.
    if (value === null || message.headers?.[REPLAY_FOR] !== undefined) return;
    const event = eventIn(value);
    if (event === null) this.#unreadable.set(name, at);
    else if (this.#events.has(place.aggregate)) this.#events.get(place.aggregate)?.set(event.id, event);
    else this.#keepState(place.aggregate, message.key?.toString() ?? '', event);
  }

  #keepState(aggregate: Aggregate, key: string, { type, data }: SentEvent): void {
    const states = this.#states.get(aggregate);
    const version = Number(data.version);
    states?.set(key, { type, version, highest: Math.max(version, states.get(key)?.highest ?? 0) });
  }

  /** What Kafka no longer keeps is not judged any more. */
  #forget(ranges: readonly PartitionRange[]): void {
    const lows = new Map(ranges.map((range) => [placeOf(range), range.low]));
    const isGone = (name: string) => {
      const cut = name.lastIndexOf('/');
      return Number(name.slice(cut + 1)) < (lows.get(name.slice(0, cut)) ?? 0);
    };
    for (const kept of [this.#letters, this.#unreadable]) {
      for (const name of kept.keys()) if (isGone(name)) kept.delete(name);
    }
    this.#traces.forget(isGone);
  }
}

const placeOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }) =>
  `${topic}/${partition}`;

function letterOf(group: ConsumerGroup, { offset, message }: PartitionRecord): Letter {
  const header = (name: string) => message.headers?.[name]?.toString() ?? '';
  return {
    group,
    offset,
    key: message.key?.toString() ?? null,
    code: header('ebuy-code'),
    reason: header('ebuy-reason'),
  };
}

function eventIn(value: string): SentEvent | null {
  try {
    const { id, type, time, causationid, data } = JSON.parse(value);
    if (typeof id !== 'string' || typeof type !== 'string' || typeof data !== 'object' || data === null) return null;
    return { id, type, time, causationId: causationid ?? null, data };
  } catch {
    return null;
  }
}

export function readTopics({ topics }: Stores): Promise<TopicsRead> {
  return topics.read();
}
