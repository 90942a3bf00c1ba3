import type { CommittedOffset } from '../ports.ts';

/** Commits what is given while a commit is under way together in the next one. */
export class OffsetCommits {
  readonly #commit: (offsets: readonly CommittedOffset[]) => Promise<void>;
  #next: { readonly offsets: CommittedOffset[]; readonly done: Promise<void> } | undefined;
  #underWay: Promise<void> = Promise.resolve();

  constructor(commit: (offsets: readonly CommittedOffset[]) => Promise<void>) {
    this.#commit = commit;
  }

  /** Resolves when the offset is committed. Of each partition one at a time. */
  commit(offset: CommittedOffset): Promise<void> {
    this.#next ??= this.#schedule();
    this.#next.offsets.push(offset);
    return this.#next.done;
  }

  #schedule(): { readonly offsets: CommittedOffset[]; readonly done: Promise<void> } {
    const offsets: CommittedOffset[] = [];
    const done = this.#underWay.then(() => {
      this.#next = undefined;
      return this.#commit(offsets);
    });
    this.#underWay = done.catch(() => undefined);
    return { offsets, done };
  }
}
