import { statSync } from 'node:fs';
import { readTokenFile } from './token-file.ts';
import { TokenTable } from './token-table.ts';

/** Where the server gets the tokens from. */
export interface TokenSource {
  /** Those that count now. @throws when they cannot be told */
  current(): TokenTable;
}

/** How long a change of the file may go unnoticed. */
const LOOK_EVERY_MS = 500;

/**
 * The tokens of a file, read again when it has changed. While the file cannot be used nobody is let in: going on with
 * tokens that may have been revoked would be worse.
 */
export class WatchedTokens implements TokenSource {
  readonly #path: string;
  readonly #onChange: (problem: Error | undefined) => void;
  #seen = '';
  #lookedAtMs = -Infinity;
  #state: TokenTable | Error;

  /**
   * @param onChange told after each change of the file, with what is wrong with it
   * @throws {TokenFileError} when the file cannot be used to begin with
   */
  constructor(path: string, onChange: (problem: Error | undefined) => void = () => undefined) {
    this.#path = path;
    this.#onChange = onChange;
    this.#seen = versionOf(path);
    this.#state = new TokenTable(readTokenFile(path));
  }

  current(): TokenTable {
    this.#look();
    if (this.#state instanceof Error) throw this.#state;
    return this.#state;
  }

  #look(): void {
    const nowMs = performance.now();
    if (nowMs - this.#lookedAtMs < LOOK_EVERY_MS) return;
    this.#lookedAtMs = nowMs;
    const seen = versionOf(this.#path);
    if (seen === this.#seen) return;
    this.#seen = seen;
    try {
      this.#state = new TokenTable(readTokenFile(this.#path));
      this.#onChange(undefined);
    } catch (error) {
      this.#state = error as Error;
      this.#onChange(this.#state);
    }
  }
}

/** Differs whenever the file was replaced or written. */
function versionOf(path: string): string {
  try {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false });
    return found === undefined ? 'none' : [found.ino, found.ctimeNs, found.size].join();
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
