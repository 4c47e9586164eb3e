import { createKafka, type KafkaSettings } from './client.ts';

/** Whether Kafka answers: for readiness. */
export interface KafkaPresence {
  /** Rejects while Kafka is away, within the deadlines of its connection; whoever asks meanwhile shares the answer. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Who asks says what it means that Kafka is away; the log need not say it at each look. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** Looks on a connection of its own, opened at the first look: producers and consumers hide an outage behind their retries. */
export function watchKafka(settings: Omit<KafkaSettings, 'logger'>): KafkaPresence {
  const admin = createKafka({ ...settings, logger: SILENT }).admin({ retry: { retries: 0 } });
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    await admin.connect();
    await admin.describeCluster();
  };
  return {
    check() {
      looking ??= look().finally(() => {
        looking = undefined;
      });
      return looking;
    },
    close: () => admin.disconnect(),
  };
}
