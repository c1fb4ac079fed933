import type { CollectedGroups } from '../collect/collect-groups.ts';
import type { ReaderFacts, TopicFacts } from '../decide-way.ts';
import { CounterRate } from './counter-rate.ts';
import { LagTime } from './lag-time.ts';

/** Rates of topics and readers, and how far readers are behind in time, by what was seen of ends and positions. */
export class TopicFlow {
  readonly #topics = new Map<string, Map<number, { readonly rate: CounterRate; readonly lag: LagTime }>>();
  readonly #readers = new Map<string, CounterRate>();
  #last: CollectedGroups | undefined;

  add(collected: CollectedGroups): void {
    this.#last = collected;
    const { at } = collected;
    // What Kafka did not say anew is no news.
    if (collected.kafkaProblem === null)
      for (const [topic, partitions] of collected.ends)
        for (const [partition, end] of partitions) {
          const seen = this.#partition(topic, partition);
          seen.rate.add(at, end);
          seen.lag.addEnd(at, end);
        }
    for (const { name, partitions } of collected.groups) {
      const known = partitions.filter(({ position }) => position !== null);
      if (known.length < partitions.length || known.length === 0) continue;
      const rate = this.#readers.get(name) ?? new CounterRate();
      this.#readers.set(name, rate);
      rate.add(
        at,
        known.reduce((total, { position }) => total + (position ?? 0), 0),
      );
    }
  }

  topic(name: string, now: number): TopicFacts {
    const partitions = [...(this.#topics.get(name) ?? [])].sort(([a], [b]) => a - b);
    return {
      perSecond: new Map(partitions.map(([partition, { rate }]) => [partition, rate.perSecond(now)])),
    };
  }

  reader(name: string, now: number): ReaderFacts {
    const group = this.#last?.groups.find((one) => one.name === name);
    const behind = (group?.partitions ?? []).flatMap(({ topic, partition, position, lag }) => {
      if (position === null) return [];
      return [lag === 0 ? 0 : this.#partition(topic, partition).lag.behindMs(now, position)];
    });
    return {
      perSecond: this.#readers.get(name)?.perSecond(now) ?? null,
      behindMs: behind.length === 0 ? null : Math.max(...behind),
    };
  }

  #partition(topic: string, partition: number): { readonly rate: CounterRate; readonly lag: LagTime } {
    const partitions = this.#topics.get(topic) ?? new Map<number, { rate: CounterRate; lag: LagTime }>();
    this.#topics.set(topic, partitions);
    const known = partitions.get(partition) ?? { rate: new CounterRate(), lag: new LagTime() };
    partitions.set(partition, known);
    return known;
  }
}
