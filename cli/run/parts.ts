import type { PartReadiness, PartState } from '../../connectors/http/index.ts';

/** What the parts of this process say of themselves, for `/readyz`: each is set by whoever runs it. */
export class Parts {
  readonly #sources = new Map<string, () => readonly PartReadiness[]>();

  set(name: string, state: PartState, reason: string | null = null): void {
    this.#sources.set(name, () => [{ name, state, reason }]);
  }

  /** In place of a state that was set: asked at each check. `name` is that of the source. */
  ask(name: string, source: () => readonly PartReadiness[]): void {
    this.#sources.set(name, source);
  }

  all(): PartReadiness[] {
    return [...this.#sources.values()].flatMap((source) => source());
  }
}
