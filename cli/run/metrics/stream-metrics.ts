import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { RuntimeEvent, RuntimeState, TaskStatus } from '@incident-streams/streams/kafka';
import { LEDGER } from '../../../topology/ledger.ts';
import { RecentMeasurements } from './recent-measurements.ts';

/** What the metrics need of the runtime. */
export interface ObservedRuntime {
  readonly state: () => RuntimeState;
  readonly tasks: () => readonly TaskStatus[];
}

/** The places of the states in Kafka Streams' enumeration (KIP-1091). */
const STATE_NUMBERS = { created: 0, rebalancing: 1, running: 2, stopped: 4, failed: 6 } as const;

/** Why a record that was read had no effect on an incident, by the task's counter. */
const DROP_REASONS = {
  [LEDGER.duplicate]: 'duplicate',
  [LEDGER.late]: 'late',
  [LEDGER.rejected]: 'rejected',
  unreadable: 'unreadable',
} as const;

/**
 * The runtime in numbers. Names are those of Kafka Streams' and its consumer's JMX beans, as Prometheus' JMX exporter
 * writes them; `docs/metrics.md` says what each means here.
 */
export class StreamMetrics {
  readonly #registry: Registry;
  readonly #commits = new RecentMeasurements();
  readonly #processed = new Map<string, RecentMeasurements>();
  readonly #commitTotal: Counter;
  readonly #processTotal: Counter<'task_id'>;
  readonly #restoreTotal: Counter<'task_id'>;
  readonly #tasksCreated: Counter;
  readonly #tasksClosed: Counter;
  readonly #rebalances: Counter;
  readonly #tasksLost: Counter;
  readonly #statesDiscarded: Counter;
  readonly #retries: Counter;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#commitTotal = this.#counter(`${THREAD}commit_total`, 'Commits since the start.');
    this.#processTotal = this.#counterByTask(`${TASK}process_total`, 'Records processed and committed.');
    this.#restoreTotal = this.#counterByTask(`${TASK}restore_total`, 'Records restored into stores.');
    this.#tasksCreated = this.#counter(`${THREAD}task_created_total`, 'Tasks opened.');
    this.#tasksClosed = this.#counter(`${THREAD}task_closed_total`, 'Tasks closed or lost.');
    this.#rebalances = this.#counter(
      'incidents_rebalances_total',
      'Rebalances that this member took part in.',
    );
    this.#tasksLost = this.#counter(
      'incidents_tasks_lost_total',
      'Tasks given up because another took over.',
    );
    this.#statesDiscarded = this.#counter(
      'incidents_state_discarded_total',
      'Local states that were unusable.',
    );
    this.#retries = this.#counter('incidents_retries_total', 'Requests to Kafka that were tried again.');
  }

  hear(event: RuntimeEvent): void {
    switch (event.type) {
      case 'committed':
        this.#commitTotal.inc();
        this.#commits.add(event.durationMs);
        this.#processTotal.inc({ task_id: event.task }, event.records);
        this.#processedBy(event.task).add(event.records);
        break;
      case 'restored':
        this.#restoreTotal.inc({ task_id: event.task }, event.records);
        break;
      case 'task-opened':
        this.#tasksCreated.inc();
        break;
      case 'task-lost':
        this.#tasksLost.inc();
        this.#forget(event.task);
        break;
      case 'task-closed':
        this.#forget(event.task);
        break;
      case 'rebalancing':
        this.#rebalances.inc();
        break;
      case 'state-discarded':
        this.#statesDiscarded.inc();
        break;
      case 'retrying':
        this.#retries.inc();
        break;
      case 'joined':
      case 'rebuild-shortened':
      case 'failed':
        break;
    }
  }

  /** Adds what is read off the runtime at each scrape. */
  observe(runtime: ObservedRuntime): void {
    const { tasks } = runtime;
    this.#gauge('kafka_streams_stream_metrics_client_state', 'As a number: see docs/metrics.md.', () => {
      return STATE_NUMBERS[runtime.state()];
    });
    this.#gauge(`${THREAD}commit_latency_avg`, 'Mean commit of the last minute, ms.', () =>
      this.#commits.average(),
    );
    this.#gauge(`${THREAD}commit_latency_max`, 'Longest commit of the last minute, ms.', () =>
      this.#commits.max(),
    );
    this.#gauge(`${THREAD}commit_rate`, 'Commits a second in the last minute.', () =>
      this.#commits.countPerSecond(),
    );
    this.#gauge(`${UPDATER}active_restoring_tasks`, 'Tasks that restore.', () => {
      return tasks().filter(({ state }) => state === 'restoring').length;
    });
    this.#gaugeByTask(`${TASK}process_rate`, 'Records a second in the last minute.', tasks, ({ id }) => {
      return this.#processedBy(id).sumPerSecond();
    });
    this.#gaugeByTask(
      `${TASK}restore_remaining_records_total`,
      'Records still to restore.',
      tasks,
      (task) => {
        return task.restore?.remaining ?? 0;
      },
    );
    this.#gaugeByTask(LAG, 'Records of the input that are not processed yet.', tasks, ({ lag }) => lag);
    this.#dropped(tasks);
    this.#ledger(tasks);
  }

  /** The tasks' own counters, kept with their commits: they go on where they were after a restart. */
  #dropped(tasks: ObservedRuntime['tasks']): void {
    new Counter({
      name: `${TASK}dropped_records_total`,
      help: 'Records that had no effect, by reason.',
      labelNames: ['task_id', 'reason'],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const { id, counters } of tasks()) {
          for (const [counter, reason] of Object.entries(DROP_REASONS)) {
            const count = counters[counter];
            if (count !== undefined) this.inc({ task_id: id, reason }, count);
          }
        }
      },
    });
  }

  #ledger(tasks: ObservedRuntime['tasks']): void {
    new Counter({
      name: 'incidents_ledger_events_total',
      help: 'Events by what became of them; received is counted by itself.',
      labelNames: ['task_id', 'verdict'],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const { id, counters } of tasks()) {
          for (const [verdict, counter] of Object.entries(LEDGER)) {
            const count = counters[counter];
            if (count !== undefined) this.inc({ task_id: id, verdict }, count);
          }
        }
      },
    });
  }

  #processedBy(task: string): RecentMeasurements {
    let measured = this.#processed.get(task);
    if (measured === undefined) this.#processed.set(task, (measured = new RecentMeasurements()));
    return measured;
  }

  #forget(task: string): void {
    this.#tasksClosed.inc();
    this.#processed.delete(task);
    this.#processTotal.remove({ task_id: task });
    this.#restoreTotal.remove({ task_id: task });
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name, help, registers: [this.#registry] });
  }

  #counterByTask(name: string, help: string): Counter<'task_id'> {
    return new Counter({ name, help, labelNames: ['task_id'], registers: [this.#registry] });
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }

  #gaugeByTask(
    name: string,
    help: string,
    tasks: ObservedRuntime['tasks'],
    read: (task: TaskStatus) => number,
  ): void {
    new Gauge({
      name,
      help,
      labelNames: ['task_id'],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const task of tasks()) this.set({ task_id: task.id }, read(task));
      },
    });
  }
}

const TASK = 'kafka_streams_stream_task_metrics_';
const THREAD = 'kafka_streams_stream_thread_metrics_';
const UPDATER = 'kafka_streams_stream_state_updater_metrics_';
const LAG = 'kafka_consumer_consumer_fetch_manager_metrics_records_lag';
