import type { Redis } from 'ioredis';
import { hashSlotOf } from './hash-slot.ts';
import { NodeConnection } from './node-connection.ts';
import type { RedisSettings } from './redis-client.ts';
import type { RedisCall, RedisLink, Scripts } from './redis-link.ts';
import { RedisUnavailableError, RedisUsageError } from './redis-errors.ts';
import { addressText, describeTarget } from './redis-url.ts';
import type { RedisAddress } from './redis-url.ts';
import { ownersIn, redirectIn } from './slot-owners.ts';
import type { SlotOwners } from './slot-owners.ts';

const MAX_REDIRECTIONS = 5;

/**
 * One connection for each node of a cluster. A call goes to the node that holds its key, as far as is known, and on to
 * the one that this node names (`MOVED`, and `ASK` while a slot moves). A node that is away fails the calls that
 * concern it, and no others; then the cluster is asked anew who holds what.
 */
export class ClusterConnection implements RedisLink {
  readonly #settings: RedisSettings;
  readonly #scripts: Scripts;
  readonly #nodes = new Map<string, NodeConnection>();
  #owners: SlotOwners = [];
  /** Something went wrong since the cluster was asked. */
  #isStale = true;
  #looking: Promise<SlotOwners> | undefined;
  #isClosed = false;

  constructor(settings: RedisSettings, scripts: Scripts) {
    this.#settings = settings;
    this.#scripts = scripts;
  }

  async run<T>(call: RedisCall, work: (client: Redis) => Promise<T>): Promise<T> {
    const slot = hashSlotOf(call.key);
    const owners = await this.#ownersFor(call.doing);
    let node = owners[slot];
    if (node === undefined) throw this.#noWay(`${call.doing}: slot ${slot} is served by no node of the`);
    let isAsking = false;
    for (let hop = 0; hop <= MAX_REDIRECTIONS; hop++) {
      try {
        return await (isAsking ? this.#askNode(node, call, work) : this.#node(node).run(call, work));
      } catch (error) {
        const redirect = redirectIn(error, node);
        if (redirect === undefined) {
          this.#isStale ||= error instanceof RedisUnavailableError;
          throw error;
        }
        node = redirect.to;
        isAsking = redirect.isAsk;
        if (!isAsking) owners[redirect.slot] = node;
      }
    }
    throw this.#noWay(`${call.doing}: slot ${slot} was sent around in circles by the`);
  }

  close(): void {
    this.#isClosed = true;
    for (const node of this.#nodes.values()) node.close();
  }

  #noWay(what: string): RedisUnavailableError {
    this.#isStale = true;
    return new RedisUnavailableError(`${what} ${describeTarget(this.#settings.target)}`);
  }

  /** To the node that is taking a slot over. It must have the scripts: EVAL after NOSCRIPT would need an ASKING of its own. */
  async #askNode<T>(node: RedisAddress, call: RedisCall, work: (client: Redis) => Promise<T>): Promise<T> {
    const connection = this.#node(node);
    for (const { lua } of Object.values(this.#scripts))
      await connection.run(call, (client) => client.script('LOAD', lua));
    return connection.run(call, (client) => {
      client.asking().catch(() => undefined);
      return work(client);
    });
  }

  #node(node: RedisAddress): NodeConnection {
    const place = addressText(node);
    let connection = this.#nodes.get(place);
    if (connection === undefined) {
      connection = new NodeConnection({ settings: this.#settings, node, place, scripts: this.#scripts });
      this.#nodes.set(place, connection);
    }
    return connection;
  }

  /** Calls that need a new look share one. */
  #ownersFor(doing: string): Promise<SlotOwners> {
    if (this.#isClosed) throw new RedisUsageError(`${doing}: the connection was closed`);
    if (!this.#isStale && this.#owners.length > 0) return Promise.resolve(this.#owners);
    this.#looking ??= this.#look(doing).finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  /** Whichever node answers first. Those that are down or hang cost nothing. */
  async #look(doing: string): Promise<SlotOwners> {
    const nodes = distinct([...this.#settings.target.nodes, ...this.#owners]);
    const answers = nodes.map((node) =>
      this.#node(node).run({ doing: `${doing}: CLUSTER SLOTS` }, async (client) =>
        ownersIn(await client.cluster('SLOTS'), node),
      ),
    );
    this.#owners = await Promise.any(answers).catch((failure: AggregateError) => {
      throw failure.errors.find((error) => !(error instanceof RedisUnavailableError)) ?? failure.errors[0];
    });
    this.#isStale = false;
    this.#closeAllBut(distinct(this.#owners));
    return this.#owners;
  }

  /** Nodes that have left the cluster, or were masters once, would be connected to for ever. */
  #closeAllBut(nodes: readonly RedisAddress[]): void {
    const kept = new Set(nodes.map(addressText));
    for (const [place, connection] of this.#nodes) {
      if (kept.has(place)) continue;
      connection.close();
      this.#nodes.delete(place);
    }
  }
}

function distinct(nodes: readonly (RedisAddress | undefined)[]): RedisAddress[] {
  const byPlace = new Map<string, RedisAddress>();
  for (const node of new Set(nodes)) if (node !== undefined) byPlace.set(addressText(node), node);
  return [...byPlace.values()];
}
