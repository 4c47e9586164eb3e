/** How far each consumer group is behind its topic. */
import { type ConsumerGroup, groupId, topicName } from '../topology.ts';
import { createKafka, type KafkaSettings } from './client.ts';
import { readRanges } from './record-reader.ts';

export interface PartitionLag {
  readonly group: ConsumerGroup;
  readonly partition: number;
  /** The next offset that the group will be given; null: it has committed none. */
  readonly committed: number | null;
  readonly low: number;
  readonly high: number;
}

/** One row a partition, of every group. */
export async function readLags(settings: KafkaSettings, groups: readonly ConsumerGroup[]): Promise<PartitionLag[]> {
  const { namespace } = settings;
  const admin = createKafka(settings).admin();
  await admin.connect();
  try {
    const topics = [...new Set(groups.map(({ topic }) => topicName(namespace, topic)))];
    const ranges = await readRanges(admin, topics);
    const lags = await Promise.all(
      groups.map(async (group) => {
        const topic = topicName(namespace, group.topic);
        const [committed] = await admin.fetchOffsets({ groupId: groupId(namespace, group), topics: [topic] });
        const offsets = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
        return ranges
          .filter((range) => range.topic === topic)
          .map(({ partition, low, high }): PartitionLag => {
            const offset = offsets.get(partition) ?? -1;
            return { group, partition, committed: offset < 0 ? null : offset, low, high };
          });
      }),
    );
    return lags.flat();
  } finally {
    await admin.disconnect();
  }
}
