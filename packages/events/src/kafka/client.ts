import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import type { Logger } from '../logger.ts';
import './quiet-queues.ts';

export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Prefix of topics and groups; empty in production. */
  readonly namespace: string;
  readonly logger: Logger;
}

/** kafkajs tells of every reconnect at error level while a broker is away; the shop says so once, through its own log. */
export function createKafka({ brokers, clientId, logger }: KafkaSettings): Kafka {
  return new Kafka({
    clientId,
    brokers: [...brokers],
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 8 },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => {
      const fields = { kafka: entry.namespace, detail: entry.log.message, error: entry.log.error };
      if (entry.level === logLevel.ERROR) logger.warn(fields, 'kafka');
      else logger.debug(fields, 'kafka');
    },
  });
}

/** Idempotent, one request in flight: what was sent first stands first in its partition, and stands there once. */
export function createProducer(kafka: Kafka): Producer {
  return kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
}

/**
 * For records whose order means nothing, from a process that lives long: dead letters. Not idempotent on purpose. A batch that failed for
 * good leaves an idempotent producer of kafkajs at a sequence that the broker may already have; it would then take the next, different
 * record for a repetition and drop it.
 */
export function createUnorderedProducer(kafka: Kafka): Producer {
  return kafka.producer({ allowAutoTopicCreation: false, createPartitioner: Partitioners.DefaultPartitioner });
}
