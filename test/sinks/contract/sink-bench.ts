import type { SinkBatch, SinkConnector, SinkSource } from '@incident-streams/streams';
import { onTestFinished } from 'vitest';
import { ContractBatches } from './contract-batches.ts';
import type { SinkHarness, SinkSystem } from './sink-harness.ts';
import { untilDone } from './until-done.ts';

/** What the tests of the contract work with. */
export class SinkBench<K, V> {
  readonly harness: SinkHarness<K, V>;
  readonly batches: ContractBatches<K, V>;
  readonly #contents = new Map<string, Promise<unknown>>();

  constructor(harness: SinkHarness<K, V>) {
    this.harness = harness;
    this.batches = new ContractBatches(harness);
  }

  /** A system that ends with the test. */
  async system(): Promise<SinkSystem<K, V>> {
    const system = await this.harness.start();
    onTestFinished(() => system[Symbol.asyncDispose]());
    return system;
  }

  /** An opened connector that is closed with the test. */
  async open(system: SinkSystem<K, V>, source = this.batches.source()): Promise<SinkConnector<K, V>> {
    const connector = this.unopened(system);
    await connector.open(source);
    return connector;
  }

  unopened(system: SinkSystem<K, V>, { impatient = false } = {}): SinkConnector<K, V> {
    const connector = system.connector({ impatient });
    onTestFinished(() => connector.close());
    return connector;
  }

  /** A system of its own that has been given some batches, and the connector that wrote them. */
  async written(
    batches: readonly SinkBatch<K, V>[],
    { source = this.batches.source(), impatient = false } = {},
  ): Promise<{ system: SinkSystem<K, V>; connector: SinkConnector<K, V> }> {
    const system = await this.system();
    const connector = this.unopened(system, { impatient });
    await untilDone(() => connector.open(source));
    for (const batch of batches) await untilDone(() => connector.write(batch));
    return { system, connector };
  }

  /** What a system holds where nothing goes wrong. */
  contentAfter(batches: readonly SinkBatch<K, V>[], source = this.batches.source()): Promise<unknown> {
    const name = JSON.stringify([batches, source]);
    const known = this.#contents.get(name) ?? this.#contentAfter(batches, source);
    this.#contents.set(name, known);
    return known;
  }

  async #contentAfter(batches: readonly SinkBatch<K, V>[], source: SinkSource): Promise<unknown> {
    const { system } = await this.written(batches, { source });
    return system.content(source);
  }
}
