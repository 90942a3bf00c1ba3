import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import { TOPICS } from '../../topology/topics.ts';
import { followTopic } from './follow-topic.ts';
import type { Pipeline } from './pipeline.ts';

/** Incidents whose transitions can be looked up; of more than these, the oldest are forgotten here (not in the topic). */
const MAX_INCIDENTS = 100_000;

interface Place {
  readonly partition: number;
  readonly offsets: number[];
}

/** Knows where in the transitions topic the history of each incident lies. */
export class TransitionHistory {
  readonly #pipeline: Pipeline;
  readonly #places = new Map<string, Place>();
  readonly #stop: () => void;

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
    const { runtime, serdes } = pipeline;
    this.#stop = followTopic(runtime, {
      topic: TOPICS.transitions,
      from: Array.from({ length: runtime.partitionsOf(TOPICS.transitions) }, () => 0),
      onRecord: (record) => {
        if (record.value === null) return;
        const transition = serdes.incidentTransition.deserialize(record.value);
        this.#remember(transition.incidentId, record.partition, record.offset);
      },
    });
  }

  /** All transitions of an incident, in order; undefined where it is unknown. */
  transitionsOf(incidentId: string): IncidentTransition[] | undefined {
    const place = this.#places.get(incidentId);
    return place?.offsets.flatMap((offset) => this.#read(place.partition, offset));
  }

  latestOf(incidentId: string): IncidentTransition | undefined {
    const place = this.#places.get(incidentId);
    const last = place?.offsets.at(-1);
    return place === undefined || last === undefined ? undefined : this.#read(place.partition, last)[0];
  }

  stop(): void {
    this.#stop();
  }

  #read(partition: number, offset: number): IncidentTransition[] {
    const { runtime, serdes } = this.#pipeline;
    for (const record of runtime.records(TOPICS.transitions, partition, offset)) {
      return record.value === null ? [] : [serdes.incidentTransition.deserialize(record.value)];
    }
    return [];
  }

  #remember(incidentId: string, partition: number, offset: number): void {
    const place = this.#places.get(incidentId);
    if (place !== undefined) {
      place.offsets.push(offset);
      return;
    }
    this.#places.set(incidentId, { partition, offsets: [offset] });
    if (this.#places.size <= MAX_INCIDENTS) return;
    const [oldest] = this.#places.keys();
    if (oldest !== undefined) this.#places.delete(oldest);
  }
}
